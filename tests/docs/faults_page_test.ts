/** docs/faults.md is complete: every toxic has its section, with its attributes and its plot. */
import { assert, assertEquals } from "@std/assert";
import { attributeNames, TOXIC_TYPES } from "../../src/faults/attributes.ts";
import { parseToxic } from "../../src/options/toxic_spec.ts";
import { readPage } from "./page.ts";

const page = readPage("docs/faults.md");
const [, toxics = ""] = page.split("\n## The toxics\n");
const sections = toxics.split("\n## ")[0]!.split("\n### ").slice(1);

/** What stands under the heading of a type. */
function sectionOf(type: string): string {
  return sections.find((section) => section.startsWith(`${type}\n`)) ?? "";
}

Deno.test("the page of faults has a section for every type, in the program's order", () => {
  assertEquals(sections.map((section) => section.split("\n")[0]), [...TOXIC_TYPES]);
});

for (const type of TOXIC_TYPES) {
  Deno.test(`the section of ${type} names its attributes, and its example is right`, () => {
    const section = sectionOf(type);
    for (const name of attributeNames(type)) {
      assert(new RegExp(`\`${name}\\b`).test(section), `${name} in ${section}`);
    }
    const examples = [...section.matchAll(/--toxic ([^ `]+)/g)].map(([, spec]) =>
      parseToxic(spec!)
    );
    assertEquals(examples[0]?.type, type === "noop" ? undefined : type);
  });
}

Deno.test("every plot is shown on the page, and every plot that it shows is there", async () => {
  const shown = [...page.matchAll(/!\[[^\]]{20,}\]\(plots\/(\w+\.svg)\)/g)].map(([, name]) =>
    name!
  );
  const drawn: string[] = [];
  for await (const { name } of Deno.readDir(new URL("../../docs/plots", import.meta.url))) {
    drawn.push(name);
  }
  assertEquals(shown.toSorted(), drawn.toSorted());
});
