/** The reference's tables of addresses and statuses agree with the manual's topics. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Row } from "../../src/manual/layout.ts";
import { addresses } from "../../src/manual/topics/addresses.ts";
import { exitStatus } from "../../src/manual/topics/exit_status.ts";
import type { Topic } from "../../src/manual/topics/topic.ts";
import { readPage } from "./page.ts";

/** The rows of the first table below a heading, without its head and the marks of code. */
function tableUnder(heading: string, page: string): Row[] {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const [, table = ""] = /^((?:\|.*\n)+)/m.exec(section.split("\n## ")[0]! + "\n") ?? [];
  return table.trim().split("\n").slice(2).map((line) => {
    const [, name, meaning] = line.replaceAll("`", "").split("|").map((cell) => cell.trim());
    return [name!, meaning!];
  });
}

/** The rows of a topic, whose first section is its table. */
function rowsOf({ sections }: Topic): readonly Row[] {
  const [table] = sections;
  return table?.rows ?? [];
}

/** The beginning of a meaning, before its details. */
const gist = (meaning: string) => meaning.split(/[:;,(]/)[0]!.trim();
/** The options and numbers in a meaning. */
const details = (meaning: string): string[] => meaning.match(/--[a-z-]+|\b\d+\b/g) ?? [];

/** Fails unless both tables have the same rows, and the short one adds nothing of its own. */
function assertSameTable(short: readonly Row[], long: readonly Row[]): void {
  assertEquals(short.map(([name]) => name), long.map(([name]) => name));
  for (const [index, [name, meaning]] of short.entries()) {
    const [, whole] = long[index]!;
    assertEquals(gist(meaning), gist(whole), name);
    const known = details(whole);
    assertEquals(details(meaning).filter((detail) => !known.includes(detail)), [], name);
  }
}

for (const [heading, topic] of [["Addresses", addresses], ["Exit status", exitStatus]] as const) {
  Deno.test(`the reference's table under ${heading} agrees with coax help ${topic.name}`, () => {
    assertSameTable(tableUnder(heading, readPage("docs/reference.md")), rowsOf(topic));
  });
}

Deno.test("a row that is missing, differs, or adds something is found", () => {
  const page = "# A\n## B\n\n| a | b |\n| - | - |\n| `1` | one: with `--x` |\n\n## C\n| no |\n";
  const table = tableUnder("B", page);
  assertEquals(table, [["1", "one: with --x"]]);
  assertSameTable(table, [["1", "one; more with --x and 7"]]);
  assertThrows(() => assertSameTable(table, []));
  assertThrows(() => assertSameTable(table, [["2", "one: with --x"]]));
  assertThrows(() => assertSameTable(table, [["1", "two: with --x"]]));
  assertThrows(() => assertSameTable(table, [["1", "one"]]));
});
