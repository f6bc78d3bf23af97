/** Reads back the lines that members get: which parts of them are names (`news.ts` writes them). */

/** A part of a line; `name` where it is a member's. */
export interface LinePart {
  readonly text: string;
  readonly name?: boolean;
}

/** What a line is: what a member says or does, or news from the room itself. */
export interface RoomLine {
  readonly type: "said" | "news";
  readonly parts: readonly LinePart[];
}

/** Names have no spaces; so a line is read from its start to the first space behind them. */
const FORMS: readonly (readonly [RoomLine["type"], RegExp])[] = [
  ["said", /^(\[)(\S+)( -> )(\S+)(\] .*)$/s],
  ["said", /^(\[)(\S+)(\] .*)$/s],
  ["said", /^(\* )(\S+)( .*)$/s],
  ["news", /^(-- )(\S+)( is now )(\S+)$/],
  ["news", /^(-- )(\S+)( has joined)$/],
  ["news", /^(-- )(\S+)( has left(?: \(.*\))?)$/],
  ["news", /^(-- welcome to \S+, )(\S+)(; .*)$/],
  ["news", /^(-- .*)$/s],
];
const WHO = /^(-- here: )(.*)$/;

/** The parts of a line that a room has sent; undefined for any other line. */
export function partsOf(line: string): RoomLine | undefined {
  const [, start, names] = WHO.exec(line) ?? [];
  if (names !== undefined) {
    return { type: "news", parts: alternating([start!, ...names.split(/(, )/)]) };
  }
  for (const [type, form] of FORMS) {
    const found = form.exec(line);
    if (!found) continue;
    return { type, parts: alternating(found.slice(1)) };
  }
}

/** Parts of which every second is a name. */
function alternating(texts: readonly string[]): LinePart[] {
  return texts.map((text, at) => ({ text, name: at % 2 === 1 }));
}

/** The own name in the first line that a room sends to a new member. */
export function welcomedAs(line: string): string | undefined {
  return /^-- welcome to \S+, (\S+); .* here; \/help lists what you can do$/.exec(line)?.[1];
}

/** The new name in the line that tells of a change of `name`. */
export function renamedTo(line: string, name: string): string | undefined {
  const [, from, to] = /^-- (\S+) is now (\S+)$/.exec(line) ?? [];
  return from === name ? to : undefined;
}
