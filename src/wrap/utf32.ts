/** UTF-32 (Unicode 3.10, D99): a character is four bytes, which no library here cuts rightly. */
import { concat } from "../core/bytes.ts";
import type { Charset, Decoding, Encoding } from "./coding.ts";

const REPLACEMENT = "\ufffd";
const UNIT = 4;

/** UTF-32 of one byte order. A byte order mark is a character like any other. */
export function utf32(name: string, littleEndian: boolean): Charset {
  return {
    name,
    stateful: false,
    unit: UNIT,
    decoder: (fatal) => decoderOf(littleEndian, fatal),
    encoder: () => encoderOf(littleEndian),
    has: isScalarValue,
  };
}

function isScalarValue(char: string): boolean {
  const code = char.codePointAt(0)!;
  return code < 0xd800 || code > 0xdfff;
}

function decoderOf(littleEndian: boolean, fatal: boolean): Decoding {
  let held: Uint8Array = new Uint8Array();
  const invalid = () => {
    if (fatal) throw new TypeError("invalid bytes");
    return REPLACEMENT;
  };
  return {
    write(bytes) {
      const all = concat([held, bytes]);
      const size = all.length - all.length % UNIT;
      held = all.subarray(size);
      const view = new DataView(all.buffer, all.byteOffset, size);
      let text = "";
      for (let at = 0; at < size; at += UNIT) {
        const code = view.getUint32(at, littleEndian);
        const isScalar = code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);
        text += isScalar ? String.fromCodePoint(code) : invalid();
      }
      return text;
    },
    end() {
      const cut = held.length > 0;
      held = new Uint8Array();
      return cut ? invalid() : "";
    },
  };
}

function encoderOf(littleEndian: boolean): Encoding {
  return {
    write(text) {
      const codes = Array.from(text, (char) => char.codePointAt(0)!);
      const view = new DataView(new ArrayBuffer(codes.length * UNIT));
      codes.forEach((code, i) => view.setUint32(i * UNIT, code, littleEndian));
      return new Uint8Array(view.buffer);
    },
    end: () => new Uint8Array(),
  };
}
