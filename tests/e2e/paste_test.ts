/** README's blocks, pasted into one shell as they stand: nothing waits for a listener but coax. */
import { PAGES, readPage, sectionsOf } from "../docs/page.ts";
import { pasteBlock } from "./sandbox.ts";

const [README] = PAGES;

for (const { heading, steps } of sectionsOf(readPage(README))) {
  for (const step of steps) {
    if (step.kind === "file") continue;
    Deno.test(`${README}: ${heading}: pasted, ${step.commands[0]!.line}`, () => pasteBlock(step));
  }
}
