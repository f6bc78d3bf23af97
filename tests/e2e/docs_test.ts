/** Every command of these pages runs, in order, and prints what the page shows. */
import { PAGES, sectionsIn } from "../docs/page.ts";
import { testWith } from "../interop/peer_program.ts";
import { programFor } from "./page_programs.ts";
import { runSection } from "./sandbox.ts";

const [, ...pages] = PAGES; // README's blocks are pasted, in paste_test.ts.
for (const page of pages) {
  for (const section of sectionsIn(page)) {
    const lines = section.steps.flatMap((s) => s.kind === "file" ? [] : s.commands)
      .map(({ line }) => line);
    testWith(programFor(lines), `${page}: ${section.heading}`, () => runSection(section));
  }
}
