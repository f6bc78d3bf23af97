/** `--allow` and `--deny`: who may connect, by address, range or name, also from files. */
import ipaddr from "ipaddr.js";
import { isIPv4, isIPv6 } from "../address.ts";

type IP = ipaddr.IPv4 | ipaddr.IPv6;

/** Whether an IP address is on a list. */
export type Contains = (ip: string) => boolean;

/** The addresses of a name. */
export type Resolve = (name: string) => Promise<string[]>;

/**
 * A list of addresses (`10.0.0.1`, `::1`), ranges (`10.0.0.0/8`) and names, which are looked up
 * now. IPv4-mapped addresses count as IPv4. Rejects with what was expected.
 */
export async function parseList(entries: readonly string[], resolve: Resolve): Promise<Contains> {
  const ranges = (await Promise.all(entries.map((entry) => parseEntry(entry, resolve)))).flat();
  return (ip) => {
    const address = parseIp(ip);
    return ranges.some(([network, length]) =>
      network.kind() === address.kind() && address.match(network, length)
    );
  };
}

async function parseEntry(entry: string, resolve: Resolve): Promise<[IP, number][]> {
  if (isIPv4(entry) || isIPv6(entry)) return [single(entry)];
  const [, network, length] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== undefined) {
    if (!isIPv4(network) && !isIPv6(network)) throw expected(entry);
    const ip = ipaddr.parse(network);
    if (Number(length) > (ip.kind() === "ipv4" ? 32 : 128)) throw expected(entry);
    return [[ip, Number(length)]];
  }
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u.test(entry) || /^[\d.]+$/.test(entry)) {
    throw expected(entry);
  }
  return (await resolve(entry)).map(single);
}

function single(text: string): [IP, number] {
  const ip = parseIp(text);
  return [ip, ip.kind() === "ipv4" ? 32 : 128];
}

/** IPv4-mapped addresses (RFC 4291 §2.5.5.2) as IPv4, zones left out. */
function parseIp(text: string): IP {
  return ipaddr.process(text.replace(/%.*$/, ""));
}

function expected(entry: string): Error {
  return new Error(`expected an address, a range such as 10.0.0.0/8, or a name, not "${entry}"`);
}

/** The entries of a file: one or more a line, `#` begins a comment. */
export function entriesOf(text: string): string[] {
  return text.split("\n").flatMap((line) => line.replace(/#.*/, "").split(/[\s,]+/)).filter(
    Boolean,
  );
}
