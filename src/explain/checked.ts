/** No answer that coax itself would refuse: what it doesn't take becomes a note. */
import { fillPlaceholders, type Translation } from "./translation.ts";

/** What coax takes: its own parser, as this folder sees it. */
export interface Grammar {
  /** Why coax refuses a command line; undefined where it takes it. */
  refusal(words: readonly string[]): string | undefined;
  /** What an option is called in full, and whether a value follows; undefined for no option. */
  option(word: string): { readonly name: string; readonly valued: boolean } | undefined;
}

/** Leaves out the options that coax refuses. Without words where that doesn't mend it. */
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

/** Where the option stands that a refusal names first. */
function refusedAt(words: readonly string[], refusal: string, grammar: Grammar): number {
  const [written] = /^-{1,2}[\w-]+/.exec(refusal) ?? [];
  if (written === undefined) return -1;
  const named = grammar.option(written)?.name;
  if (named === undefined) return words.indexOf(written);
  return words.findIndex((word) => grammar.option(word)?.name === named);
}

/** How many words an option takes. One that coax has nowhere has a value where a word is left. */
function lengthAt(words: readonly string[], at: number, grammar: Grammar): number {
  const valued = grammar.option(words[at]!)?.valued ??
    (!words[at + 1]?.startsWith("-") && at + 2 < words.length);
  return valued ? 2 : 1;
}
