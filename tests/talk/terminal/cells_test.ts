/** Columns of text, and where it wraps. */
import { assertEquals } from "@std/assert";
import {
  clusterEnd,
  clusterStart,
  expandTabs,
  isCertain,
  widthOf,
  wrap,
} from "../../../src/talk/terminal/cells.ts";

/** Texts, their columns at most, and whether all terminals agree. */
const WIDTHS: readonly (readonly [string, number, boolean])[] = [
  ["", 0, true],
  ["plain", 5, true],
  ["中文", 4, true],
  ["ｆｕｌｌ", 8, true],
  ["ｱ", 1, true],
  ["한국", 4, true],
  ["é", 1, true],
  ["e\u0301", 1, false],
  ["😀", 2, true],
  ["❤️", 2, false],
  ["👍🏽", 4, false],
  ["👨‍👩‍👧", 6, false],
  ["🇨🇳", 2, false],
  ["a\u200bb", 2, false],
  ["กำ", 2, true],
];

Deno.test("a text's width is what any terminal takes for it at most", () => {
  for (const [text, width, certain] of WIDTHS) {
    assertEquals([widthOf(text), isCertain(text)], [width, certain], text);
  }
});

Deno.test("rows are never wider than the terminal, and no cluster is cut", () => {
  const text = "ab中文c👨‍👩‍👧e\u0301😀 the end of it";
  for (let columns = 6; columns < 30; columns++) {
    const rows = wrap(text, columns);
    assertEquals(rows.join(""), text);
    for (const row of rows) assertEquals(widthOf(row) <= columns && row !== "", true, row);
  }
  assertEquals(wrap("中文", 3), ["中", "文"]);
  assertEquals(wrap("abcd", 2), ["ab", "cd"]);
  assertEquals(wrap("", 2), [""]);
  assertEquals(wrap("中", 1), ["中"], "a character wider than a row has one of its own");
});

Deno.test("clusters are found from both sides", () => {
  const text = "a👨‍👩‍👧e\u0301\nb";
  const ends = [0];
  while (ends.at(-1)! < text.length) ends.push(clusterEnd(text, ends.at(-1)!));
  assertEquals(ends, [0, 1, 9, 11, 12, 13]);
  for (const [index, end] of ends.entries()) {
    assertEquals(clusterStart(text, end), ends[Math.max(0, index - 1)]);
  }
  assertEquals([clusterEnd(text, 13), clusterStart("", 0), clusterEnd("", 0)], [13, 0, 0]);
});

Deno.test("a tab goes to the next tab stop, behind wide characters too", () => {
  assertEquals(expandTabs("a\tb\t\tc"), "a       b               c");
  assertEquals(expandTabs("中文字字\tx"), "中文字字        x");
});
