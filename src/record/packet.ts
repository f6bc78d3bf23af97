/** Builds IP packets of TCP segments and UDP datagrams, with their checksums. */
import { concat } from "../core/bytes.ts";

/** An IP address and a port. */
export interface Endpoint {
  /** 4 or 16 bytes; the same for both endpoints of a packet. */
  readonly ip: Uint8Array;
  readonly port: number;
}

/** Control bits of a segment (RFC 9293 §3.1). */
export const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;

interface Segment {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly data: Uint8Array;
}

const TCP = 6, UDP = 17;
/** The largest window without scaling. */
const WINDOW = 0xffff;
const TTL = 64;

/** A TCP segment in an IP packet (RFC 9293 §3.1). */
export function tcpPacket(from: Endpoint, to: Endpoint, segment: Segment): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack);
  view.setUint8(12, header.length / 4 << 4);
  view.setUint8(13, segment.flags);
  view.setUint16(14, WINDOW);
  const bytes = concat([header, segment.data]);
  setChecksum(bytes, 16, transportChecksum(from, to, TCP, bytes));
  return ipPacket(from, to, TCP, bytes);
}

/** A UDP datagram in an IP packet (RFC 768). */
export function udpPacket(from: Endpoint, to: Endpoint, data: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, header.length + data.length);
  const bytes = concat([header, data]);
  // 0 means that there is no checksum (RFC 768).
  setChecksum(bytes, 6, transportChecksum(from, to, UDP, bytes) || 0xffff);
  return ipPacket(from, to, UDP, bytes);
}

function ipPacket(from: Endpoint, to: Endpoint, protocol: number, payload: Uint8Array): Uint8Array {
  return from.ip.length === 4
    ? ipv4Packet(from.ip, to.ip, protocol, payload)
    : ipv6Packet(from.ip, to.ip, protocol, payload);
}

/** A header without options (RFC 791 §3.1) and its payload. */
function ipv4Packet(
  from: Uint8Array,
  to: Uint8Array,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint8(0, 4 << 4 | header.length / 4);
  view.setUint16(2, header.length + payload.length);
  view.setUint16(6, 0x4000); // Don't fragment.
  view.setUint8(8, TTL);
  view.setUint8(9, protocol);
  header.set(from, 12);
  header.set(to, 16);
  setChecksum(header, 10, checksum(header));
  return concat([header, payload]);
}

/** A header without extensions (RFC 8200 §3) and its payload. */
function ipv6Packet(
  from: Uint8Array,
  to: Uint8Array,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setUint8(0, 6 << 4);
  view.setUint16(4, payload.length);
  view.setUint8(6, protocol);
  view.setUint8(7, TTL);
  header.set(from, 8);
  header.set(to, 24);
  return concat([header, payload]);
}

/**
 * A checksum that covers a pseudo header too (RFC 9293 §3.1, RFC 768). The fields of IPv6's
 * (RFC 8200 §8.1) have the same sum.
 */
function transportChecksum(
  from: Endpoint,
  to: Endpoint,
  protocol: number,
  bytes: Uint8Array,
): number {
  const tail = new Uint8Array(8);
  const view = new DataView(tail.buffer);
  view.setUint32(0, bytes.length);
  view.setUint32(4, protocol);
  return checksum(concat([from.ip, to.ip, tail, bytes]));
}

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! << 8 | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function setChecksum(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(offset, value);
}
