/** UTF-8, UTF-16 and UTF-32. */
import { concat } from "../core/bytes.ts";
import {
  type CharacterEncoder,
  type Charset,
  NO_BYTES,
  type Scanner,
  type ScanResult,
  stateless,
} from "./charset.ts";
import { platformDecoder } from "./platform.ts";

export const utf8: Charset = {
  name: "utf-8",
  scanner: () => ({ next: nextOfUtf8 }),
  encoder() {
    const encoder = new TextEncoder();
    return stateless((char) => encoder.encode(char));
  },
  replacing: () => platformDecoder("utf-8"),
};

/** Bounds of the second byte after some leads; any other continuation byte is 0x80 to 0xbf. */
const NARROWER: Record<number, [from: number, to: number]> = {
  0xe0: [0xa0, 0xbf], // no longer than needed
  0xed: [0x80, 0x9f], // no surrogates
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f], // nothing above U+10FFFF
};

/**
 * Scans UTF-8 (RFC 3629 §4). An incomplete character is one error; the byte behind it is scanned
 * again.
 */
function nextOfUtf8(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
  const lead = bytes[at]!;
  if (lead < 0x80) return { length: 1, text: String.fromCharCode(lead) };
  if (lead < 0xc2 || lead > 0xf4) return { length: 1, text: undefined };
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let code = lead & (0x7f >> length);
  for (let index = 1; index < length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return last ? { length: index, text: undefined } : undefined;
    const [from, to] = (index === 1 && NARROWER[lead]) || [0x80, 0xbf];
    if (byte < from || byte > to) return { length: index, text: undefined };
    code = code << 6 | byte & 0x3f;
  }
  return { length, text: String.fromCodePoint(code) };
}

/** The byte order mark. */
const BOM = "\ufeff";

/** The order of the bytes in a unit; `marked` by a byte order mark, little-endian without one. */
type ByteOrder = "le" | "be" | "marked";

/**
 * UTF-16 or UTF-32, in units of `unit` bytes. With `marked`, little-endian is sent: UTF-32 with a
 * byte order mark, UTF-16 without, which the Encoding Standard (§4.2) reads as little-endian.
 */
export function wideUnicode(name: string, unit: 2 | 4, order: ByteOrder): Charset {
  const next = unit === 2 ? nextOfUtf16 : nextOfUtf32;
  const put = unit === 2 ? utf16Bytes : utf32Bytes;
  return {
    name,
    scanner: () =>
      order === "marked" ? new BomScanner(unit, next) : {
        next: (bytes, at, last) => next(view(bytes), at, order === "le", last),
      },
    encoder: () =>
      order === "marked" && unit === 4
        ? withBom((char) => put(char, true))
        : stateless((char) => put(char, order !== "be")),
    replacing: unit === 2 && order !== "marked"
      ? () => platformDecoder(`utf-16${order}`)
      : undefined,
  };
}

/** Puts the byte order mark before the first character. */
function withBom(put: (char: string) => Uint8Array): CharacterEncoder {
  let mark = put(BOM);
  return stateless((char) => {
    const bytes = concat([mark, put(char)]);
    mark = NO_BYTES;
    return bytes;
  });
}

type ScanUnit = (
  bytes: DataView,
  at: number,
  little: boolean,
  last: boolean,
) => ScanResult | undefined;

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Reads the byte order from a mark at the start (RFC 2781 §3.2), which is no character then. */
class BomScanner implements Scanner {
  #little: boolean | undefined;

  constructor(private readonly unit: 2 | 4, private readonly nextUnit: ScanUnit) {}

  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    const data = view(bytes);
    if (this.#little !== undefined) return this.nextUnit(data, at, this.#little, last);
    const [le, be] = [true, false].map((little) => this.nextUnit(data, at, little, last));
    if (!le && !be) return undefined;
    this.#little = be?.text !== BOM &&
      (this.unit === 2 || le?.text !== undefined || !be?.text);
    const result = this.#little ? le : be;
    return result?.text === BOM ? { ...result, text: "" } : result;
  }
}

/** Incomplete bytes at EOF are one error (Encoding Standard, §14.4 "shared UTF-16 decoder"). */
function nextOfUtf16(bytes: DataView, at: number, little: boolean, last: boolean) {
  const left = bytes.byteLength - at;
  const more = last ? { length: left, text: undefined } : undefined;
  if (left < 2) return more;
  const first = bytes.getUint16(at, little);
  if (!isSurrogate(first)) return { length: 2, text: String.fromCharCode(first) };
  if (first >= 0xdc00) return { length: 2, text: undefined };
  if (left < 4) return more;
  const second = bytes.getUint16(at + 2, little);
  if (second < 0xdc00 || second > 0xdfff) return { length: 2, text: undefined };
  return { length: 4, text: String.fromCharCode(first, second) };
}

function nextOfUtf32(bytes: DataView, at: number, little: boolean, last: boolean) {
  const left = bytes.byteLength - at;
  if (left < 4) return last ? { length: left, text: undefined } : undefined;
  const code = bytes.getUint32(at, little);
  const valid = code <= 0x10ffff && !isSurrogate(code);
  return { length: 4, text: valid ? String.fromCodePoint(code) : undefined };
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function utf16Bytes(char: string, little: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 * char.length));
  for (let at = 0; at < char.length; at++) bytes.setUint16(2 * at, char.charCodeAt(at), little);
  return new Uint8Array(bytes.buffer);
}

function utf32Bytes(char: string, little: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, char.codePointAt(0)!, little);
  return new Uint8Array(bytes.buffer);
}
