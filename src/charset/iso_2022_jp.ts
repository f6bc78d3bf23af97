/**
 * ISO-2022-JP (RFC 1468): the sets of EUC-JP in seven bits, switched by escape sequences. What is
 * wrong in it doesn't switch, so it can't be read as a sequence of bytes that means one thing.
 */
import { concat } from "../core/bytes.ts";
import {
  type CharacterEncoder,
  type Charset,
  NO_BYTES,
  type Scanner,
  type ScanResult,
} from "./charset.ts";
import { meaningIn, platformCharset, platformDecoder } from "./platform.ts";

type Set = "ascii" | "roman" | "katakana" | "kanji";

const ESCAPE = 0x1b;

/** What stands behind `ESCAPE`, and what it switches to; the first of each set is what is sent. */
const SHIFTS: [second: number, third: number, set: Set][] = [
  [0x28, 0x42, "ascii"],
  [0x28, 0x4a, "roman"], // JIS X 0201
  [0x28, 0x49, "katakana"], // JIS X 0201, half width
  [0x24, 0x42, "kanji"], // JIS X 0208
  [0x24, 0x40, "kanji"],
];

/** EUC-JP's prefix of a half-width katakana. */
const SINGLE_SHIFT = 0x8e;

export const ISO_2022_JP = "iso-2022-jp";

export function iso2022jp(name: string): Charset {
  const eucJp = platformCharset("euc-jp", "euc-jp");
  return {
    name,
    scanner: () => new ShiftScanner(),
    encoder: () => new ShiftEncoder(eucJp.encoder()),
    replacing: () => platformDecoder(ISO_2022_JP),
  };
}

/** The Encoding Standard's decoder (§12.2.1). */
class ShiftScanner implements Scanner {
  #set: Set = "ascii";
  /** A shift has just been: a second one is an error, because something may hide in between. */
  #shifted = false;
  readonly #kanji = meaningIn("euc-jp");

  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    if (bytes[at] === ESCAPE) return this.#shift(bytes, at, last);
    const found = this.#char(bytes, at, last);
    if (found) this.#shifted = false;
    return found;
  }

  #shift(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    const [second, third] = [bytes[at + 1], bytes[at + 2]];
    const shift = SHIFTS.find((shift) => shift[0] === second && shift[1] === third);
    if (shift) {
      const text = this.#shifted ? undefined : "";
      this.#set = shift[2];
      this.#shifted = true;
      return { length: 3, text };
    }
    const begun = second === undefined || (third === undefined && isBegun(second));
    if (begun && !last) return undefined;
    this.#shifted = false;
    return { length: 1, text: undefined };
  }

  #char(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    const byte = bytes[at]!;
    if (this.#set === "kanji") return this.#pair(byte, bytes[at + 1], last);
    return { length: 1, text: this.#set === "katakana" ? katakana(byte) : this.#letter(byte) };
  }

  #letter(byte: number): string | undefined {
    if (byte > 0x7f || byte === 0x0e || byte === 0x0f) return undefined;
    if (this.#set === "roman" && byte === 0x5c) return "\u00a5";
    if (this.#set === "roman" && byte === 0x7e) return "\u203e";
    return String.fromCharCode(byte);
  }

  #pair(lead: number, trail: number | undefined, last: boolean): ScanResult | undefined {
    if (!isSeven(lead)) return { length: 1, text: undefined };
    if (trail === undefined && !last) return undefined;
    if (trail === undefined || trail === ESCAPE) return { length: 1, text: undefined };
    const text = isSeven(trail) && this.#kanji(Uint8Array.of(lead | 0x80, trail | 0x80));
    return { length: 2, text: typeof text === "string" ? text : undefined };
  }
}

function isBegun(second: number): boolean {
  return SHIFTS.some((shift) => shift[0] === second);
}

/** Whether a byte is one of the 94 that sets of 7 bits are made of. */
function isSeven(byte: number): boolean {
  return byte >= 0x21 && byte <= 0x7e;
}

function katakana(byte: number): string | undefined {
  return byte >= 0x21 && byte <= 0x5f ? String.fromCharCode(0xff61 - 0x21 + byte) : undefined;
}

class ShiftEncoder implements CharacterEncoder {
  #set: Set = "ascii";

  constructor(private readonly eucJp: CharacterEncoder) {}

  encode(char: string): Uint8Array | undefined {
    const bytes = this.eucJp.encode(char);
    const place = bytes && placeOf(bytes);
    return place && concat([this.#switchTo(place.set), place.code]);
  }

  finish(): Uint8Array {
    return this.#switchTo("ascii");
  }

  #switchTo(set: Set): Uint8Array {
    if (set === this.#set) return NO_BYTES;
    this.#set = set;
    const [second, third] = SHIFTS.find((shift) => shift[2] === set)!;
    return Uint8Array.of(ESCAPE, second, third);
  }
}

/** The set that a character of EUC-JP is in, and its 7-bit code there; three bytes are in none. */
function placeOf(euc: Uint8Array): { set: Set; code: Uint8Array } | undefined {
  const [first] = euc;
  if (first === ESCAPE || first === 0x0e || first === 0x0f || euc.length === 3) return undefined;
  if (euc.length === 1) return { set: "ascii", code: euc };
  const code = euc.map((byte) => byte & 0x7f);
  return first === SINGLE_SHIFT
    ? { set: "katakana", code: code.subarray(1) }
    : { set: "kanji", code };
}
