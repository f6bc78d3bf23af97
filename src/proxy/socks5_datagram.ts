/** SOCKS5's header of datagrams: whom they are for, or whom they come from (RFC 1928 §7). */
import { hostName } from "../address/host.ts";
import { parseLiteral } from "../address/ip.ts";
import { concat } from "../core/bytes.ts";
import { addressIn, encodeTarget } from "./socks5_address.ts";
import type { RequestedTarget } from "./target.ts";

/** A client's datagram without its header. */
export interface RequestedDatagram {
  readonly target: RequestedTarget;
  readonly data: Uint8Array;
}

/** Reserved bytes, and the number of a fragment: 0 for a whole datagram. */
const WHOLE = Uint8Array.of(0, 0, 0);

/** Takes a datagram of a client apart; a few words on what is wrong where that isn't possible. */
export function parseDatagram(bytes: Uint8Array): RequestedDatagram | string {
  const [high, low, fragment] = bytes;
  if (bytes.length < WHOLE.length || high !== 0 || low !== 0) return "without a SOCKS5 header";
  // Whoever doesn't put fragments together must drop them.
  if (fragment !== 0) return "in fragments, which aren't supported";
  const found = addressIn(bytes.subarray(WHOLE.length));
  if (!found) return "without a whole address";
  const { address: { host, port }, length } = found;
  const named = parseLiteral(host) ? host : hostName(host);
  if (!named || port === 0) return "to an address that can't be sent to";
  return { target: { host: named, port }, data: bytes.subarray(WHOLE.length + length) };
}

/** A datagram for the client, from `source`. */
export function formatDatagram(source: RequestedTarget, data: Uint8Array): Uint8Array {
  return concat([WHOLE, encodeTarget(source), data]);
}
