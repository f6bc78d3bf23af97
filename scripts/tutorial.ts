/**
 * Draws the ladders of docs/tutorial/ladders in both languages from their recordings. With
 * `--record` it runs the tutorial's lessons first, to make the recordings; with names after that it
 * makes those alone.
 */
import { formatXml } from "../src/ladder/element.ts";
import { ladderOf } from "../src/ladder/layout.ts";
import { drawSvg } from "../src/ladder/svg.ts";
import { type Language, wordsIn } from "../src/ladder/words/mod.ts";
import { conversationsOf } from "../src/record/conversation.ts";
import { readRecording } from "../src/record/reader.ts";
import { type Lesson, LESSONS, lessonsIn } from "../tests/docs/lesson.ts";
import { paste } from "../tests/e2e/pasting.ts";
import { Workspace } from "../tests/e2e/workspace.ts";

const FOLDER = new URL("../docs/tutorial/ladders/", import.meta.url);

/** Each language, and what the names of its pictures end in. */
export const LANGUAGES = [["en", ".svg"], ["zh", ".zh-CN.svg"]] as const;

/** Recordings whose pictures explain each kind of arrow. */
const EXPLAINED: readonly string[] = ["hello", "sort"];

/** Connections that a page draws alone, of recordings with others. */
const CONNECTIONS: Readonly<Record<string, number>> = { cut: 2, processes: 2 };

/** The picture of the recording `name`, as `coax replay --svg` makes it. */
export async function pictureOf(name: string, language: Language): Promise<string> {
  const conversations = conversationsOf(
    await readRecording(new URL(`${name}.jsonl`, FOLDER).pathname),
  );
  const drawn = conversations.filter(({ id }) => id === (CONNECTIONS[name] ?? id));
  const options = { words: wordsIn(language), explain: EXPLAINED.includes(name) };
  return [...formatXml(drawSvg(drawn.map((one) => ladderOf(one)), options)), "\n"].join("");
}

async function draw(name: string): Promise<void> {
  for (const [language, ending] of LANGUAGES) {
    const picture = await pictureOf(name, language);
    await Deno.writeTextFile(new URL(`${name}${ending}`, FOLDER), picture);
  }
}

/** Runs a lesson, and keeps what it has recorded under these names. */
async function record(lesson: Lesson, ladders: readonly string[]): Promise<void> {
  await using workspace = await Workspace.make();
  await paste(lesson.blocks, workspace);
  for (const name of ladders) {
    const recorded = await Deno.readTextFile(`${workspace.path}/${name}.jsonl`);
    await Deno.writeTextFile(new URL(`${name}.jsonl`, FOLDER), workspace.onPage(recorded));
  }
}

if (import.meta.main) {
  const [flag, ...chosen] = Deno.args;
  for (const lesson of LESSONS.flatMap(lessonsIn)) {
    const all = lesson.blocks.flatMap((block) => block.kind === "shell" ? block.ladders : []);
    const names = all.filter((name) => chosen.length === 0 || chosen.includes(name));
    if (flag === "--record" && names.length > 0) await record(lesson, names);
    for (const name of names) await draw(name);
  }
}
