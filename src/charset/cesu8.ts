/**
 * CESU-8 (Unicode Technical Report 26): UTF-8, but with three bytes for each surrogate of a pair.
 */
import { concat } from "../core/bytes.ts";
import { type Charset, type ScanResult, stateless } from "./charset.ts";
import { utf8 } from "./unicode.ts";

/** Bounds of each byte of a pair. */
const PAIR: [from: number, to: number][] = [
  [0xed, 0xed],
  [0xa0, 0xaf],
  [0x80, 0xbf],
  [0xed, 0xed],
  [0xb0, 0xbf],
  [0x80, 0xbf],
];

export const cesu8: Charset = {
  name: "cesu-8",
  scanner() {
    const scanner = utf8.scanner();
    return {
      next(bytes, at, last) {
        const [lead, trail] = [bytes[at]!, bytes[at + 1] ?? 0];
        if (lead >= 0xf0) return { length: 1, text: undefined };
        return lead === 0xed && trail >= 0xa0
          ? nextPair(bytes, at, last)
          : scanner.next(bytes, at, last);
      },
    };
  },
  encoder: () => stateless(encode),
};

function nextPair(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
  for (const [index, [from, to]] of PAIR.entries()) {
    const byte = bytes[at + index];
    if (byte === undefined && !last) return undefined;
    if (byte === undefined || byte < from || byte > to) {
      return { length: Math.min(index, 3), text: undefined };
    }
  }
  const half = (from: number) => (bytes[from + 1]! & 0x0f) << 6 | bytes[from + 2]! & 0x3f;
  const text = String.fromCodePoint(0x10000 + (half(at) << 10 | half(at + 3)));
  return { length: PAIR.length, text };
}

function encode(char: string): Uint8Array | undefined {
  if (char.length === 1) return utf8.encoder().encode(char);
  const units = [char.charCodeAt(0), char.charCodeAt(1)];
  return concat(
    units.map((unit) => Uint8Array.of(0xed, 0x80 | unit >> 6 & 0x3f, 0x80 | unit & 0x3f)),
  );
}
