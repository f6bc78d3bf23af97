import { assertEquals } from "@std/assert";
import { columnsOf, cut, cutQuoted, wrap } from "../../src/ladder/fit.ts";

Deno.test("characters of two columns count as two, marks as none", () => {
  assertEquals(["", "abc", "漢字", "e\u0301", "─▶…"].map(columnsOf), [0, 3, 4, 1, 3]);
});

Deno.test("a text is cut at whole characters, with an ellipsis, and keeps its quotes", () => {
  assertEquals(["abcdef", "abc", ""].map((text) => cut(text, 3)), ["ab…", "abc", ""]);
  assertEquals([5, 4, 3, 1, 0].map((width) => cut("漢字漢", width)), [
    "漢字…",
    "漢…",
    "漢…",
    "…",
    "",
  ]);
  assertEquals(cut("ae\u0301b", 2), "a…");
  assertEquals(cutQuoted('"abcdef"', 6), '"abc…"');
  assertEquals(cutQuoted('"abc"', 5), '"abc"');
  assertEquals(cutQuoted("00 01 02", 6), "00 01…");
});

Deno.test("lines break at spaces, and anywhere in Chinese but before its punctuation", () => {
  assertEquals(wrap("one two three", 8), ["one two", "three"]);
  assertEquals(wrap("一二三，四五。", 6), ["一二", "三，四", "五。"]);
  assertEquals(wrap("用 SYN（同步）表示", 8), ["用 SYN", "（同步）", "表示"]);
  assertEquals(wrap("unbreakable", 5), ["unbr…"]);
  assertEquals(wrap("a b c d e f", 3, 2), ["a b", "c …"]);
  assertEquals(wrap("", 5), [""]);
});
