/**
 * WebSocket frames as bytes, made and read independently of the code under test (RFC 6455 §5.2).
 */
import { concat } from "../../src/core/bytes.ts";

const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** Bytes from `81 05 "Hello"` and `82 7e 0100 61*256`: hex, quoted UTF-8, a byte many times. */
export function bytes(notation: string): Uint8Array<ArrayBuffer> {
  const parts = notation.match(/"[^"]*"|\S+/g) ?? [];
  return concat(parts.map((part) => {
    if (part.startsWith('"')) return new TextEncoder().encode(part.slice(1, -1));
    const [hex, times] = part.split("*");
    if (times === undefined) return Uint8Array.fromHex(hex!);
    return new Uint8Array(Number(times)).fill(parseInt(hex!, 16));
  })) as Uint8Array<ArrayBuffer>;
}

function headerSize(second: number): number {
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0);
}

/** The same frame as a client sends it: masked. */
export function masked(frame: Uint8Array, key: Uint8Array = KEY): Uint8Array<ArrayBuffer> {
  const size = headerSize(frame[1]!);
  const header = frame.slice(0, size);
  header[1]! |= 0x80;
  const payload = frame.slice(size).map((byte, at) => byte ^ key[at % 4]!);
  return concat([header, key, payload]) as Uint8Array<ArrayBuffer>;
}

export interface Frame {
  fin: boolean;
  rsv: number;
  opcode: number;
  masked: boolean;
  payload: Uint8Array;
}

/** Takes bytes apart into frames; a rest that is no whole frame is an error. */
export function frames(stream: Uint8Array): Frame[] {
  const found: Frame[] = [];
  for (let at = 0; at < stream.length;) {
    const [first, second] = [stream[at]!, stream[at + 1]!];
    const isMasked = (second & 0x80) !== 0;
    const view = new DataView(stream.buffer, stream.byteOffset + at);
    const short = second & 0x7f;
    const length = short === 127
      ? Number(view.getBigUint64(2))
      : short === 126
      ? view.getUint16(2)
      : short;
    at += headerSize(second);
    const key = stream.slice(at, at + 4);
    if (isMasked) at += 4;
    const payload = stream.slice(at, at + length).map((byte, i) =>
      isMasked ? byte ^ key[i % 4]! : byte
    );
    if (payload.length < length) throw new Error("a frame is cut");
    at += length;
    found.push({
      fin: (first & 0x80) !== 0,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked: isMasked,
      payload,
    });
  }
  return found;
}

/** A frame with a payload, its length in the shortest form. */
export function frame(first: number, payload: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const data = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const { length } = data;
  const header = new Uint8Array(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  const view = new DataView(header.buffer);
  header[0] = first;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) view.setUint16(2, length);
  if (header.length === 10) view.setBigUint64(2, BigInt(length));
  return concat([header, data]) as Uint8Array<ArrayBuffer>;
}
