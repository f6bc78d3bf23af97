/** Relays that lead back to themselves: each connection would make the next one. */
import { ANY, parseAddress } from "../address/address.ts";
import { formatIp, isIPv6, isLoopback, LOOPBACK, parseIp } from "../address/ip.ts";
import { AddressError } from "../core/errors.ts";
import type { BoundListeners } from "../setup/listen.ts";
import type { Destination } from "./destination.ts";

/** Throws an `AddressError` for a relay to itself, whose connections would dial one another. */
export function refuseLoop({ listeners }: BoundListeners, { addresses }: Destination): void {
  const bound = new Set(listeners.flatMap((listener) => listener.addresses.flatMap(boundPoints)));
  const loop = addresses.find(({ text }) => reachedPoints(text).some((point) => bound.has(point)));
  if (!loop) return;
  for (const listener of listeners) listener.close();
  throw new AddressError(loop.text, "leads back to this relay itself");
}

/** Keys of the socket that is bound to an address. */
function boundPoints(text: string): string[] {
  return points(text, (host) => [host]);
}

/** Keys of the sockets that an address may reach, as far as they are known without DNS. */
function reachedPoints(text: string): string[] {
  return points(text, (host) => {
    // Connecting to no address in particular reaches this machine, too.
    if ([ANY, LOOPBACK].includes(host)) return ["127.0.0.1", "::1"].flatMap(reachedHosts);
    return reachedHosts(ANYWHERE.includes(host) ? loopbackOf(host) : host);
  });
}

/** Hosts that stand for every address of their family. */
const ANYWHERE = ["0.0.0.0", "::"];

function loopbackOf(host: string): string {
  return isIPv6(host) ? "::1" : "127.0.0.1";
}

/** A host, and what is bound where it reaches this machine. */
function reachedHosts(host: string): string[] {
  return isLoopback(host) ? [host, isIPv6(host) ? "::" : "0.0.0.0"] : [host];
}

function points(text: string, hosts: (host: string) => string[]): string[] {
  const address = parseAddress(text);
  if ("host" in address) {
    const kind = address.scheme === "udp" ? "udp" : "tcp";
    const ip = parseIp(address.host);
    return hosts(ip ? formatIp(ip) : address.host).map((host) => `${kind} ${host} ${address.port}`);
  }
  if (address.scheme === "ws+unix") return [`unix ${realPath(address.socket)}`];
  const isUnix = address.scheme === "unix" || address.scheme === "unixgram";
  return isUnix ? [`unix ${realPath(address.path)}`] : [];
}

/** A path without links, if it is one and may be read. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
