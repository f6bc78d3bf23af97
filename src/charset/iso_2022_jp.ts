/**
 * ISO-2022-JP (RFC 1468): the sets of EUC-JP in seven bits, selected by escape sequences. The
 * meaning of bytes depends on the set selected before, so that this scanner has state.
 */
import { concat } from "../core/bytes.ts";
import {
  type CharacterEncoder,
  type Charset,
  NO_BYTES,
  type Scanner,
  type ScanResult,
} from "./charset.ts";
import { platformCharset, platformDecoder, platformLookup } from "./platform.ts";

type CodeSet = "ascii" | "roman" | "katakana" | "kanji";

const ESCAPE = 0x1b;

/** Bytes behind `ESCAPE`, and the set they select; the first of each set is sent. */
const ESCAPES: [second: number, third: number, set: CodeSet][] = [
  [0x28, 0x42, "ascii"],
  [0x28, 0x4a, "roman"], // JIS X 0201
  [0x28, 0x49, "katakana"], // JIS X 0201, half width
  [0x24, 0x42, "kanji"], // JIS X 0208
  [0x24, 0x40, "kanji"],
];

/** Prefix of a half-width katakana in EUC-JP. */
const SINGLE_SHIFT = 0x8e;

export const ISO_2022_JP = "iso-2022-jp";

export function iso2022jp(name: string): Charset {
  const eucJp = platformCharset("euc-jp", "euc-jp");
  return {
    name,
    scanner: () => new EscapeScanner(),
    encoder: () => new EscapeEncoder(eucJp.encoder()),
    replacing: () => platformDecoder(ISO_2022_JP),
  };
}

/** The Encoding Standard's decoder (§12.2.1). */
class EscapeScanner implements Scanner {
  #set: CodeSet = "ascii";
  /** The last sequence was an escape: a second one is an error, by the Encoding Standard. */
  #afterEscape = false;
  readonly #kanji = platformLookup("euc-jp");

  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    if (bytes[at] === ESCAPE) return this.#escape(bytes, at, last);
    const result = this.#char(bytes, at, last);
    if (result) this.#afterEscape = false;
    return result;
  }

  #escape(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    const [second, third] = [bytes[at + 1], bytes[at + 2]];
    const escape = ESCAPES.find((escape) => escape[0] === second && escape[1] === third);
    if (escape) {
      const text = this.#afterEscape ? undefined : "";
      this.#set = escape[2];
      this.#afterEscape = true;
      return { length: 3, text };
    }
    const incomplete = second === undefined || (third === undefined && isIncompleteEscape(second));
    if (incomplete && !last) return undefined;
    this.#afterEscape = false;
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
    if (!isGraphic(lead)) return { length: 1, text: undefined };
    if (trail === undefined && !last) return undefined;
    if (trail === undefined || trail === ESCAPE) return { length: 1, text: undefined };
    const text = isGraphic(trail) && this.#kanji(Uint8Array.of(lead | 0x80, trail | 0x80));
    return { length: 2, text: typeof text === "string" ? text : undefined };
  }
}

function isIncompleteEscape(second: number): boolean {
  return ESCAPES.some((escape) => escape[0] === second);
}

/** Whether a byte is one of the 94 graphic codes of a 7-bit set. */
function isGraphic(byte: number): boolean {
  return byte >= 0x21 && byte <= 0x7e;
}

function katakana(byte: number): string | undefined {
  return byte >= 0x21 && byte <= 0x5f ? String.fromCharCode(0xff61 - 0x21 + byte) : undefined;
}

class EscapeEncoder implements CharacterEncoder {
  #set: CodeSet = "ascii";

  constructor(private readonly eucJp: CharacterEncoder) {}

  encode(char: string): Uint8Array | undefined {
    const bytes = this.eucJp.encode(char);
    const jis = bytes && jisCodeOf(bytes);
    return jis && concat([this.#switchTo(jis.set), jis.code]);
  }

  finish(): Uint8Array {
    return this.#switchTo("ascii");
  }

  #switchTo(set: CodeSet): Uint8Array {
    if (set === this.#set) return NO_BYTES;
    this.#set = set;
    const [second, third] = ESCAPES.find((escape) => escape[2] === set)!;
    return Uint8Array.of(ESCAPE, second, third);
  }
}

/** The set and 7-bit code of a character in EUC-JP; undefined for three bytes, of JIS X 0212. */
function jisCodeOf(euc: Uint8Array): { set: CodeSet; code: Uint8Array } | undefined {
  const [first] = euc;
  if (first === ESCAPE || first === 0x0e || first === 0x0f || euc.length === 3) return undefined;
  if (euc.length === 1) return { set: "ascii", code: euc };
  const code = euc.map((byte) => byte & 0x7f);
  return first === SINGLE_SHIFT
    ? { set: "katakana", code: code.subarray(1) }
    : { set: "kanji", code };
}
