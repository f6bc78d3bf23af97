/** Takes TCP segments and UDP datagrams out of IP packets. */
import { formatAuthority } from "../address/address.ts";
import { formatIp, ipOfBytes } from "../address/ip.ts";

const TCP = 6;
const UDP = 17;
/** Extension headers of IPv6 that say how long they are (RFC 8200 §4). */
const EXTENSIONS = new Set([0, 43, 60]);
const FRAGMENT = 44;

interface Addressed {
  readonly source: string;
  readonly destination: string;
  readonly data: Uint8Array;
}

export type Segment =
  & Addressed
  & (
    | { readonly protocol: "udp" }
    | {
      readonly protocol: "tcp";
      readonly sequence: number;
      /** Of the next byte that is expected from the other side; meant only with `ack`. */
      readonly acknowledged: number;
      readonly syn: boolean;
      readonly ack: boolean;
      readonly fin: boolean;
      readonly rst: boolean;
    }
  );

interface IpPayload {
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
  readonly data: DataView;
}

/**
 * The segment or datagram of an IP packet; undefined for another protocol. Throws a plain `Error`
 * for a fragment, and for a packet that isn't whole.
 */
export function segmentOf(packet: Uint8Array): Segment | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  try {
    const payload = packet[0]! >> 4 === 4 ? ipv4(view) : ipv6(view);
    if (payload.protocol === TCP) return tcp(payload);
    return payload.protocol === UDP ? udp(payload) : undefined;
  } catch (error) {
    throw error instanceof RangeError ? new Error("a header that isn't whole") : error;
  }
}

function ipv4(view: DataView): IpPayload {
  const header = (view.getUint8(0) & 15) * 4;
  // An offset of 0 with no more fragments is a whole packet.
  if ((view.getUint16(6) & 0x3fff) !== 0) throw new Error("a fragment, which isn't put together");
  // Where the sender's card cuts data into segments, the length may be 0 (tcpdump's TSO).
  const length = view.getUint16(2) || view.byteLength;
  return {
    protocol: view.getUint8(9),
    from: ipAt(view, 12, 4),
    to: ipAt(view, 16, 4),
    data: part(view, header, length - header),
  };
}

function ipv6(view: DataView): IpPayload {
  let protocol = view.getUint8(6);
  let at = 40;
  while (EXTENSIONS.has(protocol)) {
    protocol = view.getUint8(at);
    at += 8 + view.getUint8(at + 1) * 8;
  }
  if (protocol === FRAGMENT) throw new Error("a fragment, which isn't put together");
  const end = 40 + (view.getUint16(4) || view.byteLength - 40);
  return {
    protocol,
    from: ipAt(view, 8, 16),
    to: ipAt(view, 24, 16),
    data: part(view, at, end - at),
  };
}

function tcp({ data, from, to }: IpPayload): Segment {
  const flags = data.getUint8(13);
  return {
    protocol: "tcp",
    ...ends(data, from, to),
    sequence: data.getUint32(4),
    acknowledged: data.getUint32(8),
    fin: (flags & 1) !== 0,
    syn: (flags & 2) !== 0,
    rst: (flags & 4) !== 0,
    ack: (flags & 16) !== 0,
    data: bytesOf(data, (data.getUint8(12) >> 4) * 4),
  };
}

function udp({ data, from, to }: IpPayload): Segment {
  return { protocol: "udp", ...ends(data, from, to), data: bytesOf(data, 8) };
}

function ends(data: DataView, from: string, to: string) {
  return {
    source: formatAuthority({ host: from, port: data.getUint16(0) }),
    destination: formatAuthority({ host: to, port: data.getUint16(2) }),
  };
}

function ipAt(view: DataView, at: number, length: number): string {
  return formatIp(ipOfBytes(bytesOf(part(view, at, length), 0)));
}

/** Throws a `RangeError` where the view ends before. */
function part(view: DataView, at: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + at, Math.min(length, view.byteLength - at));
}

function bytesOf(view: DataView, at: number): Uint8Array {
  if (at > view.byteLength) throw new RangeError("the header is longer than the packet");
  return new Uint8Array(view.buffer, view.byteOffset + at, view.byteLength - at);
}
