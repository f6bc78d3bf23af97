/**
 * README's blocks and other pages' sections, pasted into one shell as they stand: nothing waits for
 * a listener but coax.
 */
import { PAGES, readPage, sectionsIn, sectionsOf } from "../docs/page.ts";
import { testWith } from "../interop/peer_program.ts";
import { programFor } from "./page_programs.ts";
import { pasteBlock, pasteSection } from "./sandbox.ts";

const [README, , ...OTHERS] = PAGES; // The reference's commands have nothing to wait for.

for (const { heading, steps } of sectionsOf(readPage(README))) {
  for (const step of steps) {
    if (step.kind === "file") continue;
    Deno.test(`${README}: ${heading}: pasted, ${step.commands[0]!.line}`, () => pasteBlock(step));
  }
}

for (const page of OTHERS) {
  for (const section of sectionsIn(page)) {
    const lines = section.steps.flatMap((step) => step.kind === "file" ? [] : step.commands)
      .map(({ line }) => line);
    const name = `${page}: ${section.heading}: pasted`;
    testWith(programFor(lines), name, () => pasteSection(section));
  }
}
