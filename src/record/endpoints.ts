/**
 * Addresses for a capture. A recording may lack our own, and has none where the peer is a Unix
 * socket or a command. What is missing is invented, from the ranges for documentation.
 */
import { bytesOfIp, isLoopback, LOOPBACK, parseLiteral } from "../address/ip.ts";
import { opposite, type Side } from "./event.ts";
import type { Endpoint } from "./packet.ts";
import type { Conversation } from "./conversation.ts";

/** The port of an unknown listener: no dissector of Wireshark claims it. */
const SERVICE_PORT = 49_151;
/** Ports of unknown clients count up from here, so that no two connections look like one. */
const FIRST_EPHEMERAL_PORT = 49_152;
const EPHEMERAL_PORTS = 65_536 - FIRST_EPHEMERAL_PORT;

/** Hosts for documentation (RFC 5737, RFC 3849). */
const EXAMPLES = { 4: bytesOf("192.0.2.1"), 16: bytesOf("2001:db8::1") };
const LOOPBACKS = { 4: bytesOf("127.0.0.1"), 16: bytesOf("::1") };

/** The endpoints of both sides of a connection. */
export function endpointsOf({ id, events }: Conversation): Record<Side, Endpoint> {
  const open = events.find(({ event }) => event === "open");
  const { peer, local, at: peerSide = "in" } = open?.event === "open" ? open : {};
  const inventedPort = (side: Side) =>
    side === "in" ? FIRST_EPHEMERAL_PORT + (id - 1) % EPHEMERAL_PORTS : SERVICE_PORT;
  const peerEndpoint = parseEndpoint(peer) ??
    { host: LOOPBACK, ip: LOOPBACKS[4], port: inventedPort(peerSide) };
  const family = peerEndpoint.ip.length as 4 | 16;
  const isLocal = isLoopback(peerEndpoint.host);
  const ourSide = opposite(peerSide);
  const recorded = parseEndpoint(local);
  const ourEndpoint = recorded?.ip.length === family
    ? recorded
    : { ip: (isLocal ? LOOPBACKS : EXAMPLES)[family], port: inventedPort(ourSide) };
  return peerSide === "in"
    ? { in: peerEndpoint, out: ourEndpoint }
    : { in: ourEndpoint, out: peerEndpoint };
}

/** Parses `127.0.0.1:4242` or `[::1]:4242`; undefined for any other text. */
function parseEndpoint(text = ""): (Endpoint & { host: string }) | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? four ?? "";
  const ip = parseLiteral(host);
  return ip && Number(port) <= 65_535 ? { host, ip: bytesOfIp(ip), port: Number(port) } : undefined;
}

function bytesOf(literal: string): Uint8Array {
  return bytesOfIp(parseLiteral(literal)!);
}
