/** Names to addresses, through the system's resolver (so `/etc/hosts` counts). */
import { ANY } from "../address/address.ts";
import { isIPv6, LOOPBACK, parseLiteral } from "../address/ip.ts";
import { ResolveError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { unavailable } from "./failure.ts";

/**
 * Every address to try for `host`, in order, families alternating (RFC 8305 §4). `ANY` means this
 * machine, as it does when connecting.
 */
export async function resolve(
  host: string,
  address: string,
  options: { family?: 4 | 6; log: Log },
): Promise<string[]> {
  const { family, log } = options;
  log.debug("resolve", `resolve ${host}`, { address });
  const all = await lookup(host, address);
  const wanted = all.filter((ip) => !family || isIPv6(ip) === (family === 6));
  if (wanted.length === 0) {
    throw new ResolveError("resolve", address, `${host} has no IPv${family} address`);
  }
  if (wanted.length > 1 || wanted[0] !== host) {
    log.debug("resolved", `${host} is ${wanted.join(", ")}`, { address });
  }
  return alternate(wanted);
}

async function lookup(host: string, address: string): Promise<string[]> {
  if (host === LOOPBACK || host === ANY) return ["127.0.0.1", "::1"];
  if (parseLiteral(host)) return [host];
  try {
    const dns = await import("node:dns/promises");
    return (await dns.lookup(host, { all: true, verbatim: true })).map((found) => found.address);
  } catch (error) {
    throw unavailable("resolve", address, error);
  }
}

/** The resolver's first choice first, then one of each family in turn. */
function alternate(addresses: readonly string[]): string[] {
  const first = addresses.filter((ip) => isIPv6(ip) === isIPv6(addresses[0]!));
  const second = addresses.filter((ip) => !first.includes(ip));
  return first.flatMap((ip, i) => second[i] ? [ip, second[i]] : [ip]).concat(
    second.slice(first.length),
  );
}
