/** Checks a translation with coax's own parser: an option that it refuses becomes a note. */
import { fillPlaceholders, type Translation } from "./translation.ts";

/** coax's own command-line grammar, as far as it is needed here. */
export interface Grammar {
  /** Why coax refuses a command line; undefined where it takes it. */
  refusal(words: readonly string[]): string | undefined;
  /** An option's long name, and whether it takes a value; undefined for any other word. */
  option(word: string): { readonly name: string; readonly valued: boolean } | undefined;
}

/**
 * Removes the options that coax refuses, with a note for each. Returns no words where coax refuses
 * the rest as well.
 */
export function dropRefused(translation: Translation, grammar: Grammar): Translation {
  let words = translation.words;
  const notes = [...translation.notes];
  while (words) {
    const refusal = grammar.refusal(words.map(fillPlaceholders));
    if (refusal === undefined) break;
    const at = refusedAt(words, refusal, grammar);
    if (at < 0) {
      notes.push(`coax refuses what comes nearest, ${["coax", ...words].join(" ")}: ${refusal}`);
      words = undefined;
      break;
    }
    const length = lengthAt(words, at, grammar);
    const dropped = words.slice(at, at + length).join(" ");
    const reason = refusal.replace(/^.*?: /, "").replace(/^unknown option.*$/, "");
    notes.push(
      `${dropped} has no place in coax ${words[0]}` + (reason ? `: ${reason}` : ""),
    );
    words = [...words.slice(0, at), ...words.slice(at + length)];
  }
  const { words: _, ...rest } = translation;
  return { ...rest, ...words ? { words } : {}, notes: [...new Set(notes)] };
}

/** The index of the option that a refusal names first; -1 if it names none of `words`. */
function refusedAt(words: readonly string[], refusal: string, grammar: Grammar): number {
  const [written] = /^-{1,2}[\w-]+/.exec(refusal) ?? [];
  if (written === undefined) return -1;
  const named = grammar.option(written)?.name;
  if (named === undefined) return words.indexOf(written);
  return words.findIndex((word) => grammar.option(word)?.name === named);
}

/**
 * The number of words of the option at `at`. An option that coax doesn't know takes a value where
 * a word follows that isn't the last operand.
 */
function lengthAt(words: readonly string[], at: number, grammar: Grammar): number {
  const valued = grammar.option(words[at]!)?.valued ??
    (!words[at + 1]?.startsWith("-") && at + 2 < words.length);
  return valued ? 2 : 1;
}
