/** `replay --draw` and `--svg`: draws the connections of a recording. */
import { UsageError } from "../core/errors.ts";
import { formatXml } from "../ladder/element.ts";
import type { Line } from "../ladder/canvas.ts";
import { ladderOf } from "../ladder/layout.ts";
import { paint } from "../ladder/paint.ts";
import { drawSvg } from "../ladder/svg.ts";
import { drawLines, legendLines } from "../ladder/terminal.ts";
import { LANGUAGES, wordsIn } from "../ladder/words/mod.ts";
import { type Colored, wantsColor } from "../options/general.ts";
import { userLanguage } from "../platform/language.ts";
import { type Conversation, conversationsOf } from "../record/conversation.ts";
import type { RecordedEvent } from "../record/event.ts";
import { writeFile } from "../record/file.ts";
import { outputColumns, outputIsTerminal, print } from "../transports/stdio.ts";

/** Lines, or pieces of XML, that are written at once. */
const BATCH = 4096;

/** Numbers, or runs of them, in a message that lists a recording's connections. */
const MOST_RUNS = 8;

interface DrawOptions {
  readonly draw: boolean;
  readonly svg: string | undefined;
  /** The number of the only connection to draw; all by default. */
  readonly connection: number | undefined;
  readonly explain: boolean;
  readonly lang: (typeof LANGUAGES)[number] | undefined;
  /** Overwrite the file of `svg`. */
  readonly force: boolean;
  readonly color: Colored;
  /** From 2 on, every read and write is drawn. */
  readonly verbose: number;
}

/**
 * Draws connections of the recording in `file` as the options say. Rejects with a `LocalError`, or
 * a `UsageError`.
 */
export async function drawRecording(
  file: string,
  events: readonly RecordedEvent[],
  options: DrawOptions,
): Promise<void> {
  const { draw, svg, connection } = options;
  const conversations = chosen(conversationsOf(events), connection, file);
  if (svg !== undefined) await writePicture(svg, conversations, options);
  if (draw) await printDrawing(conversations, options);
}

/** The conversation of that number, or all. Throws a `UsageError` where there is none. */
function chosen(
  conversations: readonly Conversation[],
  id: number | undefined,
  file: string,
): readonly Conversation[] {
  if (id === undefined) return conversations;
  const found = conversations.filter((one) => one.id === id);
  if (found.length > 0) return found;
  const has = shortList(conversations.map(({ id }) => id));
  throw new UsageError(`--connection ${id}`, `${file} has ${has}`);
}

/** Formats `connections 1-3, 5, 8 and 400 more` of numbers in ascending order. */
function shortList(ids: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    if (run && run[1] + 1 === id) run[1] = id;
    else runs.push([id, id]);
  }
  const listed = runs.slice(0, MOST_RUNS);
  const count = listed.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const more = ids.length > count ? ` and ${ids.length - count} more` : "";
  return `connection${ids.length === 1 ? "" : "s"} ${listed.map(formatRun).join(", ")}${more}`;
}

/** Formats `5`, `8, 9` or `1-3`. */
function formatRun([first, last]: readonly [number, number]): string {
  return first === last ? `${first}` : `${first}${last - first === 1 ? ", " : "-"}${last}`;
}

async function printDrawing(
  conversations: readonly Conversation[],
  { explain, lang, color, verbose }: DrawOptions,
): Promise<void> {
  const words = wordsIn(languageFor(lang));
  const several = conversations.length > 1;
  const drawing = { width: outputColumns(), words, explain, several };
  const colored = wantsColor(color, outputIsTerminal());
  const write = async (lines: readonly Line[]) => {
    for (const batch of batches(lines)) {
      await print(batch.map((line) => `${paint(line, colored)}\n`).join(""));
    }
  };
  if (explain) await write([...legendLines(drawing), []]);
  for (const [i, conversation] of conversations.entries()) {
    const ladder = ladderOf(conversation, { separate: verbose > 1 });
    await write([...i > 0 ? [[]] : [], ...drawLines(ladder, drawing)]);
  }
}

async function writePicture(
  path: string,
  conversations: readonly Conversation[],
  { explain, lang, force, verbose }: DrawOptions,
): Promise<void> {
  const ladders = conversations.map((one) => ladderOf(one, { separate: verbose > 1 }));
  const words = wordsIn(languageFor(lang));
  const pieces = batches(formatXml(drawSvg(ladders, { words, explain })));
  const encoder = new TextEncoder();
  const encoded = pieces.map((batch) => encoder.encode(batch.join("")));
  await writeFile(path, force, [...encoded, encoder.encode("\n")]);
}

/** Parts of what is written at once: no string may be endless. */
function* batches<T>(parts: Iterable<T>): Generator<T[], undefined> {
  let batch: T[] = [];
  for (const part of parts) {
    batch.push(part);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The language asked for, or the user's where ladders speak it, or English. */
function languageFor(lang: DrawOptions["lang"]): (typeof LANGUAGES)[number] {
  return lang ?? LANGUAGES.find((known) => known === userLanguage()) ?? "en";
}
