/** Captures made by hand: packets between two hosts, and the files that hold them. */
import { concat } from "../../src/core/bytes.ts";
import { ACK, type Endpoint, FIN, SYN, tcpPacket } from "../../src/record/packet.ts";
import { encode } from "./connections.ts";

/** The client and the server. */
export const [A, B]: readonly [Endpoint, Endpoint] = [
  { ip: Uint8Array.of(192, 0, 2, 1), port: 5000 },
  { ip: Uint8Array.of(192, 0, 2, 2), port: 80 },
];

/** A pcap file of raw IP packets. */
export function captureOf(packets: readonly Uint8Array[], cut = 0): Uint8Array {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xd4c3b2a1);
  view.setUint32(20, 101, true);
  const records = packets.flatMap((packet, i) => {
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, i, true);
    record.setUint32(8, packet.length - cut, true);
    record.setUint32(12, packet.length, true);
    return [new Uint8Array(record.buffer), packet.subarray(0, packet.length - cut)];
  });
  return concat([header, ...records]);
}

export const NONE: Uint8Array = new Uint8Array();
/** A TCP segment, of which most tests leave the acknowledgement out. */
export const packet = (from: Endpoint, flags: number, seq: number, data = NONE, ack = 0) =>
  tcpPacket(from, from === A ? B : A, { seq: seq >>> 0, ack: ack >>> 0, flags, data });

/** What a side says in one segment. */
export type Said = readonly [by: Endpoint, text: string];

/** The packets of a conversation, each acknowledged by the next of the other side. */
export function conversation(
  said: readonly Said[],
  ends = true,
  [a, b] = [1000, 5000],
): Uint8Array[] {
  const next = new Map([[A, a], [B, b]]);
  const packets: Uint8Array[] = [];
  const add = (from: Endpoint, flags: number, data = NONE) => {
    const to = from === A ? B : A;
    const seq = next.get(from)!;
    packets.push(packet(from, flags, seq, data, flags === SYN ? 0 : next.get(to)!));
    next.set(from, seq + data.length + (flags & (SYN | FIN) ? 1 : 0));
  };
  add(A, SYN);
  add(B, SYN | ACK);
  add(A, ACK);
  for (const [by, text] of said) add(by, ACK, encode(text));
  if (!ends) return packets;
  add(A, FIN | ACK);
  add(B, FIN | ACK);
  add(A, ACK);
  return packets;
}

/** What most conversations here consist of. */
export const FOUR: readonly Said[] = [[A, "hello"], [B, "HELLO"], [A, "bye"], [B, "BYE"]];
