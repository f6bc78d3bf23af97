/**
 * The header of a frame (RFC 6455 §5.2): checked before any of its payload is stored, and written.
 */

const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** The last frame of a message; every frame that we send is one. */
const FIN = 0x80;
/** RSV1, which is permessage-deflate's (RFC 7692 §6). */
export const COMPRESSED = 0x40;
/** MASK, in the second byte: a masking key ends the header. */
const MASKED = 0x80;

/** Longest payload of a control frame, bytes (§5.5). */
const LONGEST_CONTROL = 125;

export interface Header {
  readonly fin: boolean;
  readonly compressed: boolean;
  readonly opcode: number;
  /** Bytes of the whole header. */
  readonly size: number;
}

/** What a header has to agree with. */
interface HeaderRules {
  /** Whether frames come from a client: those are masked, a server's aren't. */
  readonly masked: boolean;
  /** Whether permessage-deflate has been agreed on. */
  readonly deflate: boolean;
  /** Whether a message is partial, so that a continuation has to come (§5.4). */
  readonly inMessage: boolean;
}

/** Parses the first two bytes. Throws a plain `Error` for the rule that they break. */
export function parseStart(first: number, second: number, rules: HeaderRules): Header {
  const fin = (first & FIN) !== 0;
  const compressed = (first & COMPRESSED) !== 0;
  const opcode = first & 0x0f;
  const short = second & 0x7f;
  if (first & 0x30) throw new Error("a reserved bit is set");
  if (opcode >= CLOSE) checkControl(opcode, fin, short);
  else if (opcode > BINARY) throw new Error(`invalid opcode ${opcode}`);
  else if ((opcode === CONTINUATION) !== rules.inMessage) {
    throw new Error(rules.inMessage ? "a message begins inside of another" : "nothing to continue");
  }
  const mayBeCompressed = rules.deflate && (opcode === TEXT || opcode === BINARY);
  if (compressed && !mayBeCompressed) throw new Error("a frame is marked as compressed");
  const masked = (second & MASKED) !== 0;
  if (masked !== rules.masked) throw new Error(`a frame is ${masked ? "" : "not "}masked`);
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  return { fin, compressed, opcode, size: 2 + extended + (masked ? 4 : 0) };
}

function checkControl(opcode: number, fin: boolean, length: number): void {
  if (opcode > PONG) throw new Error(`invalid opcode ${opcode}`);
  if (!fin) throw new Error("a control frame is in fragments");
  if (length > LONGEST_CONTROL) throw new Error("a control frame is too long");
  if (opcode === CLOSE && length === 1) throw new Error("half a close code");
}

/** The payload's length, bytes. Throws a plain `Error` if it isn't in its shortest form. */
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

/** The masking key, which ends a header, little-endian. */
export function parseKey(header: Uint8Array): number {
  const start = header.length - 4;
  const low = header[start]! | (header[start + 1]! << 8) | (header[start + 2]! << 16);
  return (low | (header[start + 3]! << 24)) >>> 0;
}

/** The header of a frame to be sent. */
interface OutgoingHeader {
  /** The opcode, with `COMPRESSED` (RSV1) if the payload is compressed. */
  readonly rsvAndOpcode: number;
  /** Bytes of its payload. */
  readonly length: number;
  /** The masking key, little-endian; without one, the frame isn't masked. */
  readonly key?: number;
}

/** Bytes of the header for a payload of `length` bytes. */
export function headerSize(length: number, masked: boolean): number {
  return 2 + extendedSize(length) + (masked ? 4 : 0);
}

/** Bytes of the extended payload length (§5.2): 0 if the second byte holds the length. */
function extendedSize(length: number): 0 | 2 | 8 {
  return length < 126 ? 0 : length < 65_536 ? 2 : 8;
}

/** Writes a header into `bytes` at `offset`. Returns the offset behind it. */
export function writeHeader(
  bytes: Uint8Array,
  offset: number,
  { rsvAndOpcode, length, key }: OutgoingHeader,
): number {
  const extended = extendedSize(length);
  const short = extended === 0 ? length : extended === 2 ? 126 : 127;
  bytes[offset++] = FIN | rsvAndOpcode;
  bytes[offset++] = short | (key === undefined ? 0 : MASKED);
  for (let power = extended - 1; power >= 0; power--) bytes[offset++] = length / 256 ** power;
  if (key === undefined) return offset;
  for (let shift = 0; shift < 32; shift += 8) bytes[offset++] = key >>> shift;
  return offset;
}
