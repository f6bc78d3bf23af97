/** Ladders of recordings as they are printed and as pictures. */
import { formatXml } from "../../src/ladder/element.ts";
import { ladderOf, type LayoutOptions } from "../../src/ladder/layout.ts";
import { paint } from "../../src/ladder/paint.ts";
import { drawSvg } from "../../src/ladder/svg.ts";
import { drawLines } from "../../src/ladder/terminal.ts";
import { type Language, wordsIn } from "../../src/ladder/words/mod.ts";
import { conversationsOf } from "../../src/record/conversation.ts";
import type { RecordedEvent } from "../../src/record/event.ts";

export interface PictureOptions extends LayoutOptions {
  readonly width?: number;
  readonly language?: Language;
  readonly explain?: boolean;
}

/** The lines of all connections, without colors, each with an empty line behind it. */
export function printed(events: readonly RecordedEvent[], options: PictureOptions = {}): string[] {
  const { width = 80, language = "en", explain = false } = options;
  const conversations = conversationsOf(events);
  const drawing = { width, words: wordsIn(language), explain, several: conversations.length > 1 };
  return conversations.flatMap((one) => [
    ...drawLines(ladderOf(one, options), drawing).map((line) => paint(line, false)),
    "",
  ]);
}

/** The picture of all connections. */
export function svg(events: readonly RecordedEvent[], options: PictureOptions = {}): string {
  const { language = "en", explain = false } = options;
  const ladders = conversationsOf(events).map((one) => ladderOf(one, options));
  return [...formatXml(drawSvg(ladders, { words: wordsIn(language), explain })), "\n"].join("");
}
