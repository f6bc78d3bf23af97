/** Targets that a proxy's clients may reach, checked by address after name resolution. */
import { type Ip, isIPv6, isWithin, parseIp, parseRange, type Range } from "../address/ip.ts";
import { parseTarget } from "./target.ts";

/**
 * Whether a client that requested `host` may connect to `ip`. If another proxy resolves the name,
 * `ip` is that name too, and only an entry with this name allows it.
 */
export type Allow = (host: string, ip: string, port: number) => boolean;

/**
 * Without entries, allows everything but loopback and link-local addresses, which a proxy's clients
 * could not reach otherwise. With entries (`host[:port]`, `CIDR[:port]`), allows only these. Throws
 * a plain `Error` with what was expected.
 */
export function allowTargets(entries: readonly string[]): Allow {
  if (entries.length === 0) {
    return (_host, text) => {
      const ip = parseIp(text);
      return ip !== undefined && !isAnyOf(LOCAL, ip);
    };
  }
  const rules = entries.map(parseEntry);
  return (host, ip, port) => rules.some((rule) => rule(host, ip, port));
}

function parseEntry(entry: string): Allow {
  const [, network, length, digits] = RANGES.map((form) => form.exec(entry)).find(Boolean) ?? [];
  if (network !== undefined) {
    const ranges = parseRange(`${network}/${length}`);
    const port = digits === undefined ? undefined : Number(digits);
    if (!ranges || port === 0 || port! > 65535) {
      throw new Error(`expected CIDR[:port] instead of "${entry}"`);
    }
    return (_host, ip, requested) =>
      isAnyOf(ranges, parseIp(ip)) && (port ?? requested) === requested;
  }
  const bare = isIPv6(entry);
  const target = bare ? { host: entry, port: 0 } : parseTarget(entry, ANY_PORT);
  if (!target) {
    throw new Error(`expected host[:port] or CIDR[:port] instead of "${entry}"`);
  }
  const anyPort = bare || !/:\d+$/.test(entry.replace(/^\[.*\]/, ""));
  const ranges = parseRange(target.host);
  return (host, ip, port) =>
    (anyPort || port === target.port) &&
    (ranges ? isAnyOf(ranges, parseIp(ip)) : normalized(host) === normalized(target.host));
}

/** `10.0.0.0/8`, `fd00::/8`, `[fd00::]/8` and `[fd00::/8]`, each with a port or without. */
const RANGES = [
  /^([^[\]/]+)\/(\d+)(?::(\d+))?$/,
  /^\[([^\]/]+)\]\/(\d+)(?::(\d+))?$/,
  /^\[([^\]/]+)\/(\d+)\](?::(\d+))?$/,
];

/** In lower case, without the root's dot (RFC 1034 §3.1): all names here are absolute. */
function normalized(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Stands in for a port that isn't given; see `anyPort`. */
const ANY_PORT = 1;

/** Loopback, link-local, and the unspecified address, which reaches loopback too. */
const LOCAL = ["127.0.0.0/8", "::1", "169.254.0.0/16", "fe80::/10", "0.0.0.0/8", "::"]
  .flatMap((text) => parseRange(text)!);

function isAnyOf(ranges: readonly Range[], ip: Ip | undefined): boolean {
  return ip !== undefined && ranges.some((range) => isWithin(ip, range));
}
