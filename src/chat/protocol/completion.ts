/** Completes names of members while they are typed, on the page and in a terminal. */
import { nameKey } from "./names.ts";

/** A text with a cursor, in code units. */
export interface Typed {
  readonly text: string;
  readonly cursor: number;
}

/**
 * Completes the word before the cursor to a name that begins so; undefined if there is none. A name
 * at the start of a line is an address (`bob: `). Completing a whole name again gives the next one.
 *
 * @param names Names of members, in the order in which they are offered.
 */
export class NameCompletion {
  /** The last result, and what it was made of. */
  #last: { readonly result: Typed; readonly start: number; readonly prefix: string } | undefined;

  /** @param cycles Whether the first name follows the last one; else nothing does. */
  constructor(private readonly cycles = true) {}

  complete({ text, cursor }: Typed, names: readonly string[]): Typed | undefined {
    const last = this.#last;
    const isRepeated = last && last.result.text === text && last.result.cursor === cursor;
    const start = isRepeated ? last.start : cursor - wordBefore(text, cursor).length;
    const prefix = isRepeated ? last.prefix : text.slice(start, cursor);
    this.#last = undefined;
    const offered = matches(prefix, names);
    if (offered.length === 0) return undefined;
    const before = text.slice(start, cursor).replace(/:? $/, "").replace(/^@/, "");
    const next = isRepeated ? offered.indexOf(before) + 1 : 0;
    if (next >= offered.length && !this.cycles) return undefined;
    const at = next % offered.length;
    const end = isStartOfLine(text, start) && !prefix.startsWith("@") ? ": " : " ";
    const word = (prefix.startsWith("@") ? "@" : "") + offered[at]! + end;
    const result = {
      text: text.slice(0, start) + word + text.slice(cursor).replace(/^ /, ""),
      cursor: start + word.length,
    };
    this.#last = { result, start, prefix };
    return result;
  }
}

function wordBefore(text: string, cursor: number): string {
  return /\S*$/.exec(text.slice(0, cursor))![0];
}

function isStartOfLine(text: string, at: number): boolean {
  return at === 0 || text[at - 1] === "\n";
}

function matches(prefix: string, names: readonly string[]): string[] {
  const wanted = nameKey(prefix.replace(/^@/, ""));
  if (wanted === "") return [];
  return names.filter((name) => nameKey(name).startsWith(wanted));
}
