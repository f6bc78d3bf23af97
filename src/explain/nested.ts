/** Translates nested tools: `ncat -l 80 --sh-exec "ncat host 81"` is one relay. */
import type { Translation } from "./translation.ts";

/**
 * Replaces a relay's child that only connects by its target, and any other tool's command line by
 * coax's own.
 *
 * @param translateNested Translates a command line; undefined unless it is one tool's alone.
 */
export function withoutNesting(
  translation: Translation,
  translateNested: (text: string) => Translation | undefined,
): Translation {
  const words = [...translation.words ?? []];
  const at = words.findIndex((word, i) => i > 0 && /^(?:exec|sh):/.test(word));
  if (at < 0 || words[0] !== "relay") return translation;
  const nested = translateNested(words[at]!.replace(/^\w+:/, ""));
  if (!nested?.words) return translation;
  const [command, ...rest] = nested.words;
  const address = rest.pop()!;
  const notes = [...translation.notes, ...nested.notes.filter((note) => !/stdin/.test(note))];
  const isTarget = at === words.length - 1;
  if (command === "client" && isTarget) {
    const options = words.slice(1, -2);
    const own = rest.filter((word) => !options.includes(word));
    return { ...translation, words: ["relay", ...options, ...own, words.at(-2)!, address], notes };
  }
  words[at] = `exec:${["coax", ...nested.words].join(" ")}`;
  return { ...translation, words, notes };
}
