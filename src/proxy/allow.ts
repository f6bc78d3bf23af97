/** Which targets a proxy's clients may reach; checked on the address, after resolution. */
import ipaddr from "ipaddr.js";
import { isIPv4, isIPv6 } from "../address.ts";
import { parseTarget } from "./target.ts";

type IP = ipaddr.IPv4 | ipaddr.IPv6;

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
      return ip !== null && !isLocal(ip);
    };
  }
  const rules = entries.map(parseEntry);
  return (host, ip, port) => rules.some((rule) => rule(host, ip, port));
}

/** Throws what was expected. */
function parseEntry(entry: string): Allow {
  const [, network, length, digits] = RANGES.map((form) => form.exec(entry)).find(Boolean) ?? [];
  if (network !== undefined) {
    const range = parseRange(network, Number(length));
    const port = digits === undefined ? undefined : Number(digits);
    if (!range || port === 0 || port! > 65535) {
      throw new Error(`expected CIDR[:port] instead of "${entry}"`);
    }
    return (_host, text, asked) => {
      const ip = parseIp(text);
      return ip !== null && matches(ip, range) && (port ?? asked) === asked;
    };
  }
  const bare = isIPv6(entry);
  const target = bare ? { host: entry, port: 0 } : parseTarget(entry, ANY_PORT);
  const named = target && (parseIp(target.host) || NAME.test(target.host));
  if (!target || !named) {
    throw new Error(`expected host[:port] or CIDR[:port] instead of "${entry}"`);
  }
  const anyPort = bare || !/:\d+$/.test(entry.replace(/^\[.*\]/, ""));
  const wanted = parseIp(target.host)?.toString();
  return (host, ip, port) =>
    (anyPort || port === target.port) &&
    (wanted ? parseIp(ip)?.toString() === wanted : nameOf(host) === nameOf(target.host));
}

/** `10.0.0.0/8`, `fd00::/8`, `[fd00::]/8` and `[fd00::/8]`, each with a port or without. */
const RANGES = [
  /^([^[\]/]+)\/(\d+)(?::(\d+))?$/,
  /^\[([^\]/]+)\]\/(\d+)(?::(\d+))?$/,
  /^\[([^\]/]+)\/(\d+)\](?::(\d+))?$/,
];
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u;

/** A final dot says that a name is whole (RFC 1034 §3.1), which ours all are. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Stands in for "no port given"; `anyPort` tells the difference. */
const ANY_PORT = 1;

/** Null for a name. IPv4-mapped addresses count as IPv4. */
function parseIp(text: string): IP | null {
  return isIPv4(text) || isIPv6(text) ? ipaddr.process(text.replace(/%.*$/, "")) : null;
}

function parseRange(network: string, length: number): [IP, number] | null {
  if (!ipaddr.isValid(network)) return null;
  const ip = ipaddr.parse(network);
  return length <= (ip.kind() === "ipv4" ? 32 : 128) ? [ip, length] : null;
}

function matches(ip: IP, [network, length]: [IP, number]): boolean {
  return ip.kind() === network.kind() && ip.match(network, length);
}

/** Loopback, link-local, and the unspecified address, which reaches loopback too. */
function isLocal(ip: IP): boolean {
  return ["loopback", "linkLocal", "unspecified"].includes(ip.range());
}
