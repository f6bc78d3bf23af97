import { assertEquals } from "@std/assert";
import { TextColumn } from "../../src/wrap/text_column.ts";
import { encode } from "../support/connections.ts";

/** The column beside these rows. */
function column(...rows: (string | number[])[]): string[] {
  const column = new TextColumn();
  return rows.map((row) =>
    column.row(typeof row === "string" ? encode(row) : Uint8Array.from(row))
  );
}

Deno.test("a column shows characters of any length, and a dot for what can't be shown", () => {
  assertEquals(column("grün 你好 👋"), ["|grün 你好 👋|"]);
  assertEquals(column("\0\t\n\x1b\x7f\u0085\u202e\u0301\u00a0\u2028."), ["|...........|"]);
});

Deno.test("a column shows a dot for each byte that is no UTF-8", () => {
  assertEquals(column([0xff, 0xc0, 0x80, 0x41]), ["|...A|"]);
  assertEquals(column([0xed, 0xa0, 0x80, 0x41]), ["|...A|"]); // A surrogate (RFC 3629 §3).
  assertEquals(column([0xc3, 0x41, 0xe4, 0xbd, 0x42]), ["|.A..B|"]);
});

Deno.test("a character that two rows share is shown behind the second", () => {
  assertEquals(column([0x41, 0xe4, 0xbd], [0xa0, 0x42]), ["|A..|", "|.B|  U+4F60 你"]);
  assertEquals(column([0xf0], [0x9f], [0x91], [0x8b]), ["|.|", "|.|", "|.|", "|.|  U+1F44B 👋"]);
  assertEquals(column([0xe2, 0x80], [0xae]), ["|..|", "|.|  U+202E"]);
});

Deno.test("an incomplete character is shown nowhere", () => {
  assertEquals(column([0xe4, 0xbd], "A"), ["|..|", "|A|"]);
  assertEquals(column([0xe4], [0xe4, 0xbd, 0xa0]), ["|.|", "|你|"]);
  assertEquals(column([0xed], [0xa0, 0x80]), ["|.|", "|..|"]);
});
