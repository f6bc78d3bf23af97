/** Resolves names through the system's resolver, which reads `/etc/hosts` as well. */
import { ANY } from "../address/address.ts";
import { isIPv6, LOOPBACK, parseLiteral } from "../address/ip.ts";
import { ResolveError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { unavailable } from "./failure.ts";

/**
 * The IP addresses of `host` in the order to try them, families alternating (RFC 8305 §4). `ANY`
 * yields loopback. `address` is for messages.
 *
 * Rejects with a `ResolveError` for a name without an address (of `family`).
 */
export async function resolve(
  host: string,
  address: string,
  options: { family?: 4 | 6; log: Log },
): Promise<string[]> {
  const { family, log } = options;
  log.debugging?.debug("resolve", `resolve ${host}`, { address, host });
  const all = known(host) ?? alternate(await lookup(host, address));
  const wanted = family ? all.filter((ip) => isIPv6(ip) === (family === 6)) : all;
  if (wanted.length === 0) {
    throw new ResolveError("resolve", address, `${host} has no IPv${family} address`);
  }
  if (log.debugging && wanted[0] !== host) {
    const ips = wanted.join(", ");
    log.debug("resolved", `${host} is ${ips}`, { address, host, ips });
  }
  return wanted;
}

/** The addresses of a host for which nobody has to be asked. */
function known(host: string): string[] | undefined {
  if (host === LOOPBACK || host === ANY) return ["127.0.0.1", "::1"];
  return parseLiteral(host) && [host];
}

async function lookup(host: string, address: string): Promise<string[]> {
  try {
    const dns = await import("node:dns/promises");
    return (await dns.lookup(host, { all: true, verbatim: true })).map((found) => found.address);
  } catch (error) {
    throw unavailable("resolve", address, error);
  }
}

/** Takes one of each family in turn, beginning with the family of the resolver's first choice. */
function alternate(addresses: string[]): string[] {
  if (addresses.length === 1) return addresses;
  const preferred = addresses.filter((ip) => isIPv6(ip) === isIPv6(addresses[0]!));
  const other = addresses.filter((ip) => !preferred.includes(ip));
  return preferred.flatMap((ip, i) => other[i] ? [ip, other[i]] : [ip]).concat(
    other.slice(preferred.length),
  );
}
