/**
 * The header of a frame (RFC 6455 §5.2): read, and judged before anything of its payload is kept;
 * and written.
 */

const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** A frame is the last of its message; all that we send are. */
const FIN = 0x80;
/** RSV1, which is permessage-deflate's (RFC 7692 §6). */
export const COMPRESSED = 0x40;
/** The second byte says that a key stands at the header's end. */
const MASKED = 0x80;

/** Bytes of a control frame's payload (§5.5). */
const LONGEST_CONTROL = 125;

export interface Header {
  readonly fin: boolean;
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
  const fin = (first & FIN) !== 0;
  const compressed = (first & COMPRESSED) !== 0;
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
  const masked = (second & MASKED) !== 0;
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

/** What the header of a frame says that we send. */
interface Outgoing {
  /** Its opcode, with `COMPRESSED` where that is so. */
  readonly kind: number;
  /** Bytes of its payload. */
  readonly length: number;
  /** Its first byte is the lowest; without one, the frame isn't masked. */
  readonly key?: number;
}

/** Bytes of the header for a payload of `length` bytes. */
export function headerSize(length: number, masked: boolean): number {
  return 2 + extendedSize(length) + (masked ? 4 : 0);
}

/** Bytes of the length where it doesn't fit the second byte, in its shortest form. */
function extendedSize(length: number): 0 | 2 | 8 {
  return length < 126 ? 0 : length < 65_536 ? 2 : 8;
}

/** Writes a header into `bytes`, where it begins at `at`. Returns where it ends. */
export function writeHeader(
  bytes: Uint8Array,
  at: number,
  { kind, length, key }: Outgoing,
): number {
  const extended = extendedSize(length);
  const short = extended === 0 ? length : extended === 2 ? 126 : 127;
  bytes[at++] = FIN | kind;
  bytes[at++] = short | (key === undefined ? 0 : MASKED);
  for (let place = extended - 1; place >= 0; place--) bytes[at++] = length / 256 ** place;
  if (key === undefined) return at;
  for (let shift = 0; shift < 32; shift += 8) bytes[at++] = key >>> shift;
  return at;
}
