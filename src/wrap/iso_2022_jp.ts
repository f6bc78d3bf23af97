/** ISO-2022-JP (RFC 1468), which iconv-lite lacks: the sets of EUC-JP, switched by escapes. */
import { concat } from "../core/bytes.ts";
import type { Encoding } from "./coding.ts";

/** Escape sequences that switch to a set. */
const ESCAPES = {
  ascii: Uint8Array.of(0x1b, 0x28, 0x42),
  kanji: Uint8Array.of(0x1b, 0x24, 0x42), // JIS X 0208
  katakana: Uint8Array.of(0x1b, 0x28, 0x49), // JIS X 0201, half width
};
type Set = keyof typeof ESCAPES;

/** EUC-JP's prefix of a half-width katakana. */
const SINGLE_SHIFT = 0x8e;
const UNKNOWN = Uint8Array.of(0x3f);

/** @param eucJp One character in EUC-JP, which has the same characters in 8 bits. */
export function iso2022jp(eucJp: (char: string) => Uint8Array): Encoding {
  let current: Set = "ascii";
  const switchTo = (set: Set) => {
    if (set === current) return [];
    current = set;
    return [ESCAPES[set]];
  };
  return {
    write: (text) =>
      concat(
        [...text].flatMap((char) => {
          const { set, code } = place(eucJp(char));
          return [...switchTo(set), code];
        }),
      ),
    end: () => concat(switchTo("ascii")),
  };
}

/** The set that a character of EUC-JP is in, and its 7-bit code there. */
function place(euc: Uint8Array): { set: Set; code: Uint8Array } {
  if (euc.length === 1 && euc[0]! < 0x80) return { set: "ascii", code: euc };
  if (euc.length !== 2) return { set: "ascii", code: UNKNOWN };
  const code = euc.map((byte) => byte & 0x7f);
  return euc[0] === SINGLE_SHIFT
    ? { set: "katakana", code: code.subarray(1) }
    : { set: "kanji", code };
}
