/**
 * Multicast groups (RFC 1112, RFC 4291 §2.7): a datagram to a group reaches all who have joined it.
 * Answers come from addresses of theirs, never from the group's.
 */
import { isIPv6 } from "../../address/ip.ts";
import type { Log } from "../../core/log.ts";
import { platform } from "../../platform/platform.ts";
import { unavailable } from "../failure.ts";
import { reasonOfSystem } from "../system_reason.ts";
import type { IpAddress } from "../sockaddr.ts";
import { zoneOf } from "./zone.ts";

/** Binds a socket to a group's port, which other programs of this machine may receive from, too. */
export function bindGroup({ hostname, port }: IpAddress): Deno.DatagramConn {
  const everywhere = isIPv6(hostname) ? "::" : "0.0.0.0";
  return Deno.listenDatagram({
    transport: "udp",
    hostname: platform().bindsGroups ? hostname : everywhere,
    port,
    reuseAddress: true,
    loopback: true,
  });
}

/**
 * Joins a group on every interface of this machine, or on that of the group's zone. Rejects with an
 * `UnavailableError` where none takes it.
 */
export async function joinGroup(
  conn: Deno.DatagramConn,
  { group, text }: { readonly group: string; readonly text: string },
  log: Log,
): Promise<void> {
  const join = isIPv6(group) ? joinersV6(conn, group) : joinersV4(conn, group);
  const joined = await Promise.allSettled(join.map((joining) => joining()));
  for (const result of joined) {
    if (result.status === "fulfilled") continue;
    const reason = reasonOfSystem(result.reason);
    log.debug("join-failed", `join ${group}: ${reason}`, { address: text, error: reason });
  }
  const failure = joined.find((result) => result.status === "rejected");
  if (joined.some((result) => result.status === "fulfilled")) {
    log.debug("join", `join the multicast group ${group}`, { address: text });
  } else throw unavailable("join", text, failure?.reason);
}

type Join = () => Promise<unknown>;

function joinersV4(conn: Deno.DatagramConn, group: string): Join[] {
  const own = interfaces("IPv4").map(({ address }) => address);
  const addresses = own.length > 0 ? own : ["0.0.0.0"];
  return addresses.map((address) => () => conn.joinMulticastV4(group, address));
}

function joinersV6(conn: Deno.DatagramConn, group: string): Join[] {
  const [address, zone] = group.split("%");
  const names = zone === undefined ? interfaces("IPv6").map(({ name }) => name) : [zone];
  const numbers = new Set(names.map((name) => zoneOf(`%${name}`)));
  if (numbers.size === 0) numbers.add(0); // The one that the system chooses.
  return [...numbers].map((number) => () => conn.joinMulticastV6(address!, number));
}

function interfaces(family: "IPv4" | "IPv6"): Deno.NetworkInterfaceInfo[] {
  try {
    return Deno.networkInterfaces().filter((one) => one.family === family);
  } catch {
    return []; // Without the right to ask, or on a system that doesn't tell.
  }
}
