/** IP addresses and ranges as text, numbers and bytes. Nothing else in coax takes them apart. */

/** Groups of 16 bits in network order: two for IPv4, eight for IPv6. */
export type Ip = readonly number[];

/** All addresses that begin with the first `length` bits of `network`. */
export interface Range {
  readonly network: Ip;
  readonly length: number;
}

/** The host of `9000`: this machine over IPv4 and IPv6 (RFC 6761 §6.3). */
export const LOOPBACK = "localhost";
const LOOPBACK_IPV4 = { network: [0x7f00, 0], length: 8 };
const LOOPBACK_IPV6 = { network: [0, 0, 0, 0, 0, 0, 0, 1], length: 128 };

const MULTICAST_IPV4 = { network: [0xe000, 0], length: 4 };
const MULTICAST_IPV6 = { network: [0xff00, 0, 0, 0, 0, 0, 0, 0], length: 8 };

/** Leading zeros are refused: some programs take them for octal. */
const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const GROUP = /^[\da-f]{1,4}$/i;

/** Parses `1.2.3.4`; undefined for anything else. */
export function parseIPv4(text: string): Ip | undefined {
  const match = IPV4.exec(text);
  if (!match) return undefined;
  const [a, b, c, d] = [Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4])];
  return Math.max(a, b, c, d) < 256 ? [a * 256 + b, c * 256 + d] : undefined;
}

/** Parses an IPv6 address (RFC 4291 §2.2), with or without a zone; undefined for anything else. */
export function parseIPv6(text: string): Ip | undefined {
  const [head, tail, ...more] = text.replace(/%[\w.-]+$/, "").split("::");
  const before = groupsOf(head!, tail === undefined);
  const after = groupsOf(tail ?? "", true);
  if (!before || !after || more.length > 0) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  for (let i = 0; i < missing; i++) before.push(0);
  return before.concat(after);
}

/** Parses `1:2:3`, which may end with an IPv4 address where it `isLast`. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const four = isLast ? parseIPv4(parts.at(-1)!) : undefined;
  if (four) parts.pop();
  const groups: number[] = [];
  for (const part of parts) {
    if (!GROUP.test(part)) return undefined;
    groups.push(parseInt(part, 16));
  }
  return four ? groups.concat(four) : groups;
}

/** Parses an address of either family; undefined for anything else. */
export function parseLiteral(text: string): Ip | undefined {
  return parseIPv4(text) ?? parseIPv6(text);
}

/** Like `parseLiteral`, with IPv4-mapped addresses (RFC 4291 §2.5.5.2) as IPv4. */
export function parseIp(text: string): Ip | undefined {
  const ip = parseLiteral(text);
  return ip && unmap(ip);
}

/** An IPv4-mapped address as IPv4; any other as it is. */
export function unmap(ip: Ip): Ip {
  return isMapped(ip) ? ip.slice(6) : ip;
}

/** Whether `text` is an IPv6 address, with or without a zone. */
export function isIPv6(text: string): boolean {
  return parseIPv6(text) !== undefined;
}

/** An address from its 4 or 16 bytes in network order. */
export function ipOfBytes(bytes: Uint8Array): Ip {
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i]! << 8 | bytes[2 * i + 1]!);
}

/** The inverse of `ipOfBytes`. */
export function bytesOfIp(ip: Ip): Uint8Array {
  return Uint8Array.from(ip.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Formats an address (RFC 5952 §4), IPv6 without dots. */
export function formatIp(ip: Ip): string {
  if (ip.length === 2) return bytesOfIp(ip).join(".");
  const groups = ip.map((group) => group.toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** Formats an address as the system does: mapped ones as `::ffff:1.2.3.4` (RFC 5952 §5). */
export function systemForm(ip: Ip): string {
  return isMapped(ip) ? `::ffff:${formatIp(unmap(ip))}` : formatIp(ip);
}

/** A literal address in `systemForm` without its zone, to be compared; a name unchanged. */
export function canonicalHost(host: string): string {
  const ip = parseLiteral(host);
  return ip ? systemForm(ip) : host;
}

/**
 * Parses an address or a range (`10.0.0.0/8`); undefined for anything else. A range with an
 * IPv4-mapped address is one of IPv4, and of all IPv4 where its prefix has fewer than 96 bits. No
 * other IPv6 range covers IPv4: `::/0` is every IPv6 address.
 */
export function parseRange(text: string): Range[] | undefined {
  const [, address, digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const network = address === undefined ? undefined : parseLiteral(address);
  if (!network) return undefined;
  const most = 16 * network.length;
  const length = digits === undefined ? most : Number(digits);
  if (length > most) return undefined;
  if (!isMapped(network)) return [{ network, length }];
  const four = { network: unmap(network), length: Math.max(0, length - 96) };
  return length < 96 ? [{ network, length }, four] : [four];
}

/** A key of an address's first `length` bits: equal for equal bits of the same family. */
export function prefixOf(ip: Ip, length: number): string {
  let text = "";
  for (let i = 0; i < ip.length; i++) {
    const rest = 16 - Math.min(16, Math.max(0, length - 16 * i));
    text += String.fromCharCode(ip[i]! >> rest << rest);
  }
  return text;
}

export function isWithin(ip: Ip, { network, length }: Range): boolean {
  return prefixOf(ip, length) === prefixOf(network, length);
}

/** Whether a host is loopback; an IPv6 address may have brackets. */
export function isLoopback(host: string): boolean {
  const ip = parseIp(host.replace(/^\[(.*)\]$/, "$1"));
  return ip ? isWithin(ip, LOOPBACK_IPV4) || isWithin(ip, LOOPBACK_IPV6) : host === LOOPBACK;
}

/** Whether a host is the address of a multicast group (RFC 5771, RFC 4291 §2.7). */
export function isMulticast(host: string): boolean {
  const ip = parseIp(host);
  return ip !== undefined && (isWithin(ip, MULTICAST_IPV4) || isWithin(ip, MULTICAST_IPV6));
}

function isMapped(ip: Ip): boolean {
  return ip.length === 8 && ip[5] === 0xffff && ip.slice(0, 5).every((group) => group === 0);
}

/** Whether `host` is 0.0.0.0 or ::, which stand for every interface (RFC 1122 §3.2.1.3). */
export function isUnspecified(host: string): boolean {
  return parseLiteral(host)?.every((group) => group === 0) ?? false;
}

/** The IP address of a peer, `1.2.3.4:5` or `[::1%eth0]:5`; undefined for any other text. */
export function ipOfPeer(peer: string): Ip | undefined {
  const [, ipv6, ipv4] = /^(?:\[([^\]%]+)[^\]]*\]|(\d[\d.]*)):\d+$/.exec(peer) ?? [];
  return parseIp(ipv6 ?? ipv4 ?? "");
}
