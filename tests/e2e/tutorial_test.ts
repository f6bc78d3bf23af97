/** Every block of the tutorial can be pasted, in both languages, and does what the page shows. */
import { assertEquals, assertMatch } from "@std/assert";
import { inChinese, type Lesson, LESSONS, lessonsIn } from "../docs/lesson.ts";
import { patternOf } from "../docs/page.ts";
import { testWith } from "../interop/peer_program.ts";
import { programFor } from "./page_programs.ts";
import { paste } from "./pasting.ts";
import { recordedShape } from "./recorded_shape.ts";
import { Workspace } from "./workspace.ts";

const RECORDINGS = new URL("../../docs/tutorial/ladders/", import.meta.url);

async function runLesson(english: Lesson, chinese: Lesson): Promise<void> {
  await using workspace = await Workspace.make();
  const printed = await paste(english.blocks, workspace);
  for (const [i, block] of english.blocks.entries()) {
    const twin = chinese.blocks[i];
    if (block.kind !== "shell" || twin?.kind !== "shell") continue;
    const out = printed.get(block)!;
    for (const ladder of block.ladders) {
      const file = `${workspace.path}/${ladder}.jsonl`;
      await Deno.writeTextFile(file, workspace.onPage(await Deno.readTextFile(file)));
      const shown = new URL(`${ladder}.jsonl`, RECORDINGS).pathname;
      assertEquals(await recordedShape(file), await recordedShape(shown), ladder);
    }
    if (block.ladders.length > 0) continue;
    for (const { printed = "" } of [block, twin]) {
      assertMatch(out.trim(), patternOf(printed.trim()), block.text);
    }
  }
}

for (const page of LESSONS) {
  const chinese = lessonsIn(inChinese(page));
  for (const [i, lesson] of lessonsIn(page).entries()) {
    const shells = lesson.blocks.filter((block) => block.kind === "shell");
    if (shells.length === 0) continue;
    const lines = shells.flatMap(({ text }) => text.split("\n"));
    const name = `${page}: ${lesson.heading}`;
    testWith(programFor(lines), name, () => runLesson(lesson, chinese[i]!));
  }
}
