/** Reads and makes sockaddrs of Linux: `sockaddr_in`, `sockaddr_in6`, `sockaddr_un`. */
import {
  bytesOfIp,
  type Ip,
  ipOfBytes,
  parseIp,
  parseLiteral,
  systemForm,
  unmap,
} from "../address/ip.ts";

export const AF_UNIX = 1;
export const AF_INET = 2;
const AF_INET6 = 10;

/** Bytes that hold any sockaddr; the largest, `sockaddr_un`, has 110. */
export const MAX_SOCKADDR_SIZE = 128;

export interface IpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Whether `sockaddr` is this address; zones are ignored, IPv4-mapped IPv6 equals IPv4. */
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

/** Makes a `sockaddr_in` or `sockaddr_in6`; `zone` is the number of an interface, or 0. */
export function sockaddrOf({ hostname, port }: IpAddress, zone: number): Uint8Array<ArrayBuffer> {
  const ip = parseLiteral(hostname) ?? [];
  const isIPv4 = ip.length === 2;
  const sockaddr = new Uint8Array(isIPv4 ? 16 : 28);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(0, isIPv4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  sockaddr.set(bytesOfIp(ip), isIPv4 ? 4 : 8);
  if (!isIPv4) view.setUint32(24, zone, true);
  return sockaddr;
}

/** The address and port of a `sockaddr_in` or `sockaddr_in6`, formatted as the runtime does. */
export function addressOf(sockaddr: Uint8Array): IpAddress {
  return { hostname: systemForm(ipOf(sockaddr)!), port: portOf(sockaddr) };
}

/** Makes a `sockaddr_un` that has the length of its path, as an abstract name must have. */
export function unixSockaddr(path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode(path));
}

/** The path of a `sockaddr_un`, or its abstract name after a NUL; empty where it has neither. */
export function unixPathOf(sockaddr: Uint8Array): string {
  const path = new TextDecoder().decode(sockaddr.subarray(2));
  return path.startsWith("\0") ? path : path.replace(/\0.*$/s, "");
}

/** Whether `sockaddr` is a `sockaddr_un` with this path, which a NUL may follow. */
export function isPath(sockaddr: Uint8Array, path: string): boolean {
  const bytes = new TextEncoder().encode(path);
  const boundPath = sockaddr.subarray(2);
  return isUnix(sockaddr) && bytes.every((byte, i) => boundPath[i] === byte) &&
    (boundPath.length === bytes.length ||
      (boundPath.length > bytes.length && boundPath[bytes.length] === 0));
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
