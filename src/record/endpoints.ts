/**
 * Addresses for a capture. A recording has the peer's address alone, and none at all where the peer
 * is a Unix socket or a command; what is missing is made up, from what is kept for examples.
 */
import { isIPv4, isIPv6 } from "../address/address.ts";
import { type Direction, opposite } from "./event.ts";
import type { Endpoint } from "./packet.ts";
import type { Conversation } from "./reader.ts";

/** The port of a listener that isn't known: no dissector claims it. */
const SERVICE_PORT = 49_151;
/** Clients that aren't known count up from here, so that no two connections look like one. */
const FIRST_EPHEMERAL_PORT = 49_152;
const EPHEMERAL_PORTS = 65_536 - FIRST_EPHEMERAL_PORT;

/** Hosts of RFC 5737 and RFC 3849. */
const EXAMPLES = { 4: "192.0.2.1", 16: "2001:db8::1" } as const;
const LOOPBACKS = { 4: "127.0.0.1", 16: "::1" } as const;

/** Both ends of a connection. */
export function endpointsOf({ id, events }: Conversation): Record<Direction, Endpoint> {
  const open = events.find(({ event }) => event === "open");
  const { peer, at: peerSide = "in" } = open?.event === "open" ? open : {};
  const madeUp = (side: Direction) =>
    side === "in" ? FIRST_EPHEMERAL_PORT + (id - 1) % EPHEMERAL_PORTS : SERVICE_PORT;
  const there = parsePeer(peer ?? "") ??
    { host: LOOPBACKS[4], ip: bytesOf(LOOPBACKS[4]), port: madeUp(peerSide) };
  const family = there.ip.length as 4 | 16;
  const local = there.host === "::1" || there.host.startsWith("127.");
  const ourSide = opposite(peerSide);
  const here = { ip: bytesOf((local ? LOOPBACKS : EXAMPLES)[family]), port: madeUp(ourSide) };
  return peerSide === "in" ? { in: there, out: here } : { in: here, out: there };
}

/** `127.0.0.1:4242`, `[::1]:4242`; nothing for what has no such address. */
function parsePeer(peer: string): (Endpoint & { host: string }) | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(peer) ?? [];
  const host = six?.replace(/%.*/, "") ?? four;
  if (host === undefined || !(isIPv4(host) || isIPv6(host)) || Number(port) > 65_535) {
    return undefined;
  }
  return { host, ip: bytesOf(host), port: Number(port) };
}

/** The bytes of an IP address in text. */
function bytesOf(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.from(host.split("."), Number);
  // The canonical form has no dots (https://url.spec.whatwg.org/#concept-ipv6-serializer).
  const canonical = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [head, tail] = canonical.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array(8 - head!.length - (tail?.length ?? 0)).fill("0");
  const groups = [...head!, ...zeros, ...tail ?? []];
  return Uint8Array.from(groups.flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  }));
}
