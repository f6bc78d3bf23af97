/**
 * README's blocks and the recipes' sections, pasted into one shell as they stand: nothing waits for
 * a listener but coax.
 */
import { PAGES, readPage, sectionsIn, sectionsOf } from "../docs/page.ts";
import { testWith } from "../interop/peer_program.ts";
import { programFor } from "./page_programs.ts";
import { pasteBlock, pasteSection } from "./sandbox.ts";

const [README] = PAGES;
const RECIPES = "docs/recipes.md";

for (const { heading, steps } of sectionsOf(readPage(README))) {
  for (const step of steps) {
    if (step.kind === "file") continue;
    Deno.test(`${README}: ${heading}: pasted, ${step.commands[0]!.line}`, () => pasteBlock(step));
  }
}

for (const section of sectionsIn(RECIPES)) {
  const lines = section.steps.flatMap((step) => step.kind === "file" ? [] : step.commands)
    .map(({ line }) => line);
  const name = `${RECIPES}: ${section.heading}: pasted`;
  testWith(programFor(lines), name, () => pasteSection(section));
}
