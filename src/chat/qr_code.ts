/** Draws a QR code (ISO/IEC 18004) with half blocks: two modules of a column in each character. */
import { encode } from "uqr";

/** Light modules around the code, of which a reader needs this many. */
const QUIET_ZONE = 4;
/** Black on white of xterm's 256 colours, which no theme changes (ECMA-48 §8.3.117). */
const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m";
const USUAL = "\x1b[0m";

/**
 * The rows of the QR code of a text, with the quiet zone. In colour it is black on white whatever
 * the terminal's theme is. Without, its light modules are drawn, as for a dark terminal; readers
 * take the inverse of a light one too.
 */
export function qrRows(text: string, color: boolean): string[] {
  const { data } = encode(text, { ecc: "L", border: QUIET_ZONE });
  const rows: string[] = [];
  for (let top = 0; top < data.length; top += 2) {
    const row = data[top]!.map((isDark, column) => {
      const below = data[top + 1]?.[column] ?? false;
      return color ? halfBlock(isDark, below) : halfBlock(!isDark, !below);
    }).join("");
    rows.push(color ? BLACK_ON_WHITE + row + USUAL : row);
  }
  return rows;
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? "█" : "▀";
  return lower ? "▄" : " ";
}
