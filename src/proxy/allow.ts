/** Which targets a proxy's clients may reach; checked on the address, after resolution. */
import { type Ip, isIPv6, isWithin, parseIp, parseRange, type Range } from "../address/ip.ts";
import { parseTarget } from "./target.ts";

/**
 * Says whether a client that asked for `host` may connect to `ip`. Where another proxy is going to
 * resolve it, `ip` is still the name: only an entry for that very name allows it.
 */
export type Allow = (host: string, ip: string, port: number) => boolean;

/**
 * Without entries, everything but this machine and its link: an open proxy must not be a way in.
 * With entries (`host[:port]`, `CIDR[:port]`), only what one of them names.
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

/** Throws what was expected. */
function parseEntry(entry: string): Allow {
  const [, network, length, digits] = RANGES.map((form) => form.exec(entry)).find(Boolean) ?? [];
  if (network !== undefined) {
    const ranges = parseRange(`${network}/${length}`);
    const port = digits === undefined ? undefined : Number(digits);
    if (!ranges || port === 0 || port! > 65535) {
      throw new Error(`expected CIDR[:port] instead of "${entry}"`);
    }
    return (_host, ip, asked) => isAnyOf(ranges, parseIp(ip)) && (port ?? asked) === asked;
  }
  const bare = isIPv6(entry);
  const target = bare ? { host: entry, port: 0 } : parseTarget(entry, ANY_PORT);
  if (!target) {
    throw new Error(`expected host[:port] or CIDR[:port] instead of "${entry}"`);
  }
  const anyPort = bare || !/:\d+$/.test(entry.replace(/^\[.*\]/, ""));
  const wanted = parseRange(target.host);
  return (host, ip, port) =>
    (anyPort || port === target.port) &&
    (wanted ? isAnyOf(wanted, parseIp(ip)) : nameOf(host) === nameOf(target.host));
}

/** `10.0.0.0/8`, `fd00::/8`, `[fd00::]/8` and `[fd00::/8]`, each with a port or without. */
const RANGES = [
  /^([^[\]/]+)\/(\d+)(?::(\d+))?$/,
  /^\[([^\]/]+)\]\/(\d+)(?::(\d+))?$/,
  /^\[([^\]/]+)\/(\d+)\](?::(\d+))?$/,
];

/** A final dot says that a name is whole (RFC 1034 §3.1), which ours all are. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Stands in for "no port given"; `anyPort` tells the difference. */
const ANY_PORT = 1;

/** Loopback, link-local, and the unspecified address, which reaches loopback too. */
const LOCAL = ["127.0.0.0/8", "::1", "169.254.0.0/16", "fe80::/10", "0.0.0.0/8", "::"]
  .flatMap((text) => parseRange(text)!);

function isAnyOf(ranges: readonly Range[], ip: Ip | undefined): boolean {
  return ip !== undefined && ranges.some((range) => isWithin(ip, range));
}
