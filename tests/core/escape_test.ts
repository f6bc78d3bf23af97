import { assert, assertEquals } from "@std/assert";
import { escapeJson, escapeLine, escapeText } from "../../src/core/escape.ts";

/** Every character that a terminal obeys, or that makes text look like other text. */
function unsafe(): string[] {
  const ranges: [number, number][] = [
    [0x00, 0x08],
    [0x0b, 0x1f],
    [0x7f, 0x9f],
    [0x061c, 0x061c],
    [0x200e, 0x200f],
    [0x2028, 0x202e],
    [0x2066, 0x2069],
  ];
  return ranges.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i))
  );
}

Deno.test("no C0, DEL, C1 or bidirectional control gets through to a terminal or a line", () => {
  for (const char of unsafe()) {
    for (const escape of [escapeText, escapeLine]) {
      assert(/^\\[\w{}]+$/.test(escape(char)), JSON.stringify(char));
    }
  }
});

Deno.test("a terminal gets newlines and tabs, a line of a log does not", () => {
  assertEquals(escapeText("a\tb\n"), "a\tb\n");
  assertEquals(escapeLine("a\tb\n\u2028\u2029"), "a\\tb\\n\\u{2028}\\u{2029}");
});

Deno.test("everything else stays", () => {
  const text = " ~ äöü 漢字 \u00a0 \u2027 \u202f 👍🏽 עברית \\n";
  assertEquals(escapeText(text), text);
  assertEquals(escapeLine(text), text);
});

Deno.test("control characters are written so that a person can read them", () => {
  assertEquals(
    escapeLine("\x1b]52;c;x\x07 \r \0 \x9b \u202e"),
    "\\x1b]52;c;x\\x07 \\r \\0 \\x9b \\u{202e}",
  );
});

Deno.test("JSON escaped for showing has no control character and the same value", () => {
  const value = { text: unsafe().join("") + "\n\t\u2028 ä" };
  const json = escapeJson(JSON.stringify(value));
  assertEquals(JSON.parse(json), value);
  assertEquals(escapeLine(json), json);
});
