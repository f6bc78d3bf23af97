/**
 * Text of what is typed, from which the very bytes can be had again: a byte that is no UTF-8 is a
 * lone surrogate, U+DC00 and the byte (Python's PEP 383), which no valid text contains.
 */
import type { StreamDecoder } from "../../charset/charset.ts";
import { ScanningDecoder } from "../../charset/decoder.ts";
import { utf8 } from "../../charset/unicode.ts";
import { concat } from "../../core/bytes.ts";
import { escapeText } from "../../core/escape.ts";

const LONE_BYTE = 0xdc00;
const LONE_BYTES = /([\udc80-\udcff]+)/u;
const EACH_LONE_BYTE = /[\udc80-\udcff]/gu;

/** A decoder of what is typed, for as long as the program reads it. */
export function typedTextDecoder(): StreamDecoder {
  return new ScanningDecoder(utf8, (bytes) => {
    return String.fromCharCode(...bytes.values().map((byte) => LONE_BYTE + byte));
  });
}

/** The bytes of typed text. */
export function bytesOfTyped(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (text.isWellFormed()) return encoder.encode(text);
  return concat(
    text.split(LONE_BYTES).map((part) => {
      if (!LONE_BYTES.test(part)) return encoder.encode(part);
      return Uint8Array.from(part, (char) => char.charCodeAt(0) - LONE_BYTE);
    }),
  );
}

/** Typed text as it is shown: control characters and lone bytes escaped, tabs and newlines kept. */
export function visible(text: string): string {
  return escapeText(text).replace(EACH_LONE_BYTE, (char) => {
    return `\\x${(char.charCodeAt(0) - LONE_BYTE).toString(16)}`;
  });
}
