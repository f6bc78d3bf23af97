/** Addresses in SOCKS5: a type, an address of that type, and a port (RFC 1928 §4, §5). */
import { bytesOfIp, formatIp, ipOfBytes, parseLiteral } from "../address/ip.ts";
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { takeExactly } from "../core/take.ts";
import type { RequestedTarget } from "./target.ts";

const IPV4 = 1;
const IPV6 = 4;
/** The type of a name, whose length stands before it. */
export const NAME = 3;

/** Encodes type, address and port. */
export function encodeTarget({ host, port }: RequestedTarget): Uint8Array {
  const ip = parseLiteral(host);
  const name = new TextEncoder().encode(host);
  return concat([
    ip ? Uint8Array.of(ip.length === 2 ? IPV4 : IPV6) : Uint8Array.of(NAME, name.length),
    ip ? bytesOfIp(ip) : name,
    Uint8Array.of(port >> 8, port & 0xff),
  ]);
}

/** Reads address and port from a stream; null for an unknown type. */
export async function takeAddress(source: Duplex, type: number): Promise<RequestedTarget | null> {
  const length = type === NAME ? (await takeExactly(source, 1))[0]! : LENGTHS[type];
  if (length === undefined) return null;
  return addressOf(type, await takeExactly(source, length + 2));
}

/** Reads type, address and port from `bytes`; undefined where they aren't whole, or of no type. */
export function addressIn(
  bytes: Uint8Array,
): { readonly address: RequestedTarget; readonly length: number } | undefined {
  const [type = 0] = bytes;
  const start = type === NAME ? 2 : 1;
  const length = type === NAME ? bytes[1] : LENGTHS[type];
  if (length === undefined || bytes.length < start + length + 2) return undefined;
  const end = start + length + 2;
  return { address: addressOf(type, bytes.subarray(start, end)), length: end };
}

/** Bytes of the addresses that have a fixed length. */
const LENGTHS: Partial<Record<number, number>> = { [IPV4]: 4, [IPV6]: 16 };

function addressOf(type: number, bytes: Uint8Array): RequestedTarget {
  const [address, [high, low]] = [bytes.subarray(0, -2), bytes.subarray(-2)];
  const host = type === NAME ? new TextDecoder().decode(address) : formatIp(ipOfBytes(address));
  return { host, port: high! << 8 | low! };
}
