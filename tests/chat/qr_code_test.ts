/** QR codes on a terminal: every module is where it belongs, in colour and without. */
import { assert, assertEquals } from "@std/assert";
import { encode } from "uqr";
import { qrRows } from "../../src/chat/qr_code.ts";

const TEXTS = ["http://localhost:8080/", `https://192.168.100.200:12345/r/${"茶".repeat(32)}`];
/** Modules of light around a code (ISO/IEC 18004 §9.1). */
const QUIET = 4;

/** The upper and the lower half of each character: whether it is drawn. */
const HALVES: Readonly<Record<string, readonly [boolean, boolean]>> = {
  "█": [true, true],
  "▀": [true, false],
  "▄": [false, true],
  " ": [false, false],
};

function drawnModules(rows: readonly string[]): boolean[][] {
  return rows.flatMap((row) => {
    const halves = [...row].map((char) => HALVES[char]!);
    return [halves.map(([upper]) => upper), halves.map(([, lower]) => lower)];
  });
}

Deno.test("a QR code without colour draws its light modules, with a whole quiet zone", () => {
  for (const text of TEXTS) {
    const { data, size } = encode(text, { ecc: "L", border: 0 });
    const drawn = drawnModules(qrRows(text, false));
    const side = size + 2 * QUIET;
    for (let y = 0; y < drawn.length; y++) {
      assertEquals(drawn[y]!.length, side);
      for (let x = 0; x < side; x++) {
        const isDark = data[y - QUIET]?.[x - QUIET] ?? false;
        assertEquals(drawn[y]![x], !isDark, `${x},${y}`);
      }
    }
    assert(drawn.length >= side);
  }
});

Deno.test("a QR code in colour is black on white, whatever the theme", () => {
  for (const text of TEXTS) {
    const inner = qrRows(text, true).map((row) => {
      const [, content] = /^\x1b\[38;5;16;48;5;231m([█▀▄ ]*)\x1b\[0m$/.exec(row)!;
      return content!;
    });
    const light = drawnModules(qrRows(text, false));
    assertEquals(drawnModules(inner).map((row) => row.map((dark) => !dark)), light);
  }
});
