/** The header of a frame (RFC 6455 §5.2): read, and judged before anything of its payload is kept. */

const CONTINUATION = 0;
export const TEXT = 1;
const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
const PONG = 10;

/** Bytes of a control frame's payload (§5.5). */
const LONGEST_CONTROL = 125;

export interface Header {
  readonly fin: boolean;
  /** RSV1, which is permessage-deflate's (RFC 7692 §6). */
  readonly compressed: boolean;
  readonly opcode: number;
  /** Bytes of the whole header. */
  readonly size: number;
}

/** What a header has to fit. */
interface Expected {
  /** Whether frames come from a client: those are masked, a server's aren't. */
  readonly masked: boolean;
  /** Whether permessage-deflate has been agreed on. */
  readonly deflate: boolean;
  /** Whether a message has begun, so that a continuation has to come. */
  readonly begun: boolean;
}

/** What the first two bytes say. Throws a plain `Error` that says which rule they break. */
export function parseStart(first: number, second: number, expected: Expected): Header {
  const fin = (first & 0x80) !== 0;
  const compressed = (first & 0x40) !== 0;
  const opcode = first & 0x0f;
  const short = second & 0x7f;
  if (first & 0x30) throw new Error("a reserved bit is set");
  if (opcode >= CLOSE) checkControl(opcode, fin, short);
  else if (opcode > BINARY) throw new Error(`invalid opcode ${opcode}`);
  else if ((opcode === CONTINUATION) !== expected.begun) {
    throw new Error(expected.begun ? "a message begins inside of another" : "nothing to continue");
  }
  const mayBeCompressed = expected.deflate && (opcode === TEXT || opcode === BINARY);
  if (compressed && !mayBeCompressed) throw new Error("a frame is marked as compressed");
  const masked = (second & 0x80) !== 0;
  if (masked !== expected.masked) throw new Error(`a frame is ${masked ? "" : "not "}masked`);
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  return { fin, compressed, opcode, size: 2 + extended + (masked ? 4 : 0) };
}

function checkControl(opcode: number, fin: boolean, length: number): void {
  if (opcode > PONG) throw new Error(`invalid opcode ${opcode}`);
  if (!fin) throw new Error("a control frame is in fragments");
  if (length > LONGEST_CONTROL) throw new Error("a control frame is too long");
  if (opcode === CLOSE && length === 1) throw new Error("half a close code");
}

/** The length that a header announces. Throws where it isn't in the only form that it may have. */
export function parseLength(header: Uint8Array): number {
  const short = header[1]! & 0x7f;
  if (short < 126) return short;
  const length = bigEndian(header, 2, short === 126 ? 2 : 8);
  if (length < (short === 126 ? 126 : 65_536)) {
    throw new Error("a length isn't in its shortest form");
  }
  if (length >= 2 ** 63) throw new Error("a length has its highest bit set");
  return length;
}

function bigEndian(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + bytes[start + i]!;
  return value;
}

/** The key of a masked frame, which ends its header; its first byte is the lowest. */
export function parseKey(header: Uint8Array): number {
  const at = header.length - 4;
  const low = header[at]! | (header[at + 1]! << 8) | (header[at + 2]! << 16);
  return (low | (header[at + 3]! << 24)) >>> 0;
}
