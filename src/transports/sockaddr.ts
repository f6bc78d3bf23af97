/** Socket addresses as the kernel of Linux has them: `sockaddr_in`, `sockaddr_in6`, `sockaddr_un`. */
import { canonicalHost } from "./udp/socket.ts";
import { parseIp, parseIPv4, parseIPv6 } from "../address/ip.ts";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** Bytes of the largest, `sockaddr_un`, and some. */
export const LARGEST = 128;

export interface IpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Whether `sockaddr` means this address; zones don't count, IPv4-mapped IPv6 is IPv4. */
export function isAddress(sockaddr: Uint8Array, { hostname, port }: IpAddress): boolean {
  if ((sockaddr[2]! << 8 | sockaddr[3]!) !== port) return false;
  const wanted = parseIp(hostname)?.join();
  return wanted !== undefined && wanted === ipOf(sockaddr)?.join();
}

/** The address in 16-bit groups, as `parseIp` has it. */
function ipOf(sockaddr: Uint8Array): readonly number[] | undefined {
  const family = familyOf(sockaddr);
  if (family === AF_INET) return groups(sockaddr.subarray(4, 8));
  if (family !== AF_INET6) return undefined;
  const all = groups(sockaddr.subarray(8, 24));
  const mapped = all[5] === 0xffff && all.slice(0, 5).every((group) => group === 0);
  return mapped ? all.slice(6) : all;
}

function groups(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i]! << 8 | bytes[2 * i + 1]!);
}

/** `address` as `sockaddr_in` or `sockaddr_in6`, whose zone is the interface with this number. */
export function sockaddrOf({ hostname, port }: IpAddress, zone: number): Uint8Array<ArrayBuffer> {
  const four = parseIPv4(hostname);
  const view = new DataView(new ArrayBuffer(four ? 16 : 28));
  view.setUint16(0, four ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  const at = four ? 4 : 8;
  (four ?? parseIPv6(hostname) ?? []).forEach((group, i) => view.setUint16(at + 2 * i, group));
  if (!four) view.setUint32(24, zone, true);
  return new Uint8Array(view.buffer);
}

/** The address and port in a `sockaddr_in` or `sockaddr_in6`, in the form of the runtime's. */
export function addressOf(sockaddr: Uint8Array): IpAddress {
  const port = sockaddr[2]! << 8 | sockaddr[3]!;
  if (familyOf(sockaddr) === AF_INET) return { hostname: sockaddr.subarray(4, 8).join("."), port };
  const text = groups(sockaddr.subarray(8, 24)).map((group) => group.toString(16)).join(":");
  return { hostname: canonicalHost(text), port };
}

/** Whether `sockaddr` is that of a socket bound to this path, which a NUL may follow. */
export function isPath(sockaddr: Uint8Array, path: string): boolean {
  const bytes = new TextEncoder().encode(path);
  const named = sockaddr.subarray(2);
  return isUnix(sockaddr) && bytes.every((byte, i) => named[i] === byte) &&
    (named.length === bytes.length || (named.length > bytes.length && named[bytes.length] === 0));
}

export function isUnix(sockaddr: Uint8Array): boolean {
  return familyOf(sockaddr) === AF_UNIX;
}

function familyOf(sockaddr: Uint8Array): number {
  return sockaddr[0]! | sockaddr[1]! << 8;
}
