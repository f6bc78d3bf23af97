/**
 * Socket addresses as the kernel of Linux has them: `sockaddr_in`, `sockaddr_in6`, `sockaddr_un`.
 */
import {
  bytesOfIp,
  type Ip,
  ipOfBytes,
  parseIp,
  parseLiteral,
  systemForm,
  unmap,
} from "../address/ip.ts";

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
  if (portOf(sockaddr) !== port) return false;
  const ip = ipOf(sockaddr);
  return ip !== undefined && unmap(ip).join() === parseIp(hostname)?.join();
}

function ipOf(sockaddr: Uint8Array): Ip | undefined {
  const family = familyOf(sockaddr);
  if (family === AF_INET) return ipOfBytes(sockaddr.subarray(4, 8));
  return family === AF_INET6 ? ipOfBytes(sockaddr.subarray(8, 24)) : undefined;
}

/** `address` as `sockaddr_in` or `sockaddr_in6`, whose zone is the interface with this number. */
export function sockaddrOf({ hostname, port }: IpAddress, zone: number): Uint8Array<ArrayBuffer> {
  const ip = parseLiteral(hostname) ?? [];
  const four = ip.length === 2;
  const sockaddr = new Uint8Array(four ? 16 : 28);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(0, four ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  sockaddr.set(bytesOfIp(ip), four ? 4 : 8);
  if (!four) view.setUint32(24, zone, true);
  return sockaddr;
}

/** The address and port in a `sockaddr_in` or `sockaddr_in6`, in the form of the runtime's. */
export function addressOf(sockaddr: Uint8Array): IpAddress {
  return { hostname: systemForm(ipOf(sockaddr)!), port: portOf(sockaddr) };
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

function portOf(sockaddr: Uint8Array): number {
  return sockaddr[2]! << 8 | sockaddr[3]!;
}

function familyOf(sockaddr: Uint8Array): number {
  return sockaddr[0]! | sockaddr[1]! << 8;
}
