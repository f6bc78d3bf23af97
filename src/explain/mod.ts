/** From another tool's command line to coax's. */
import { UsageError } from "../core/errors.ts";
import { splitWords } from "../words.ts";
import { nc } from "./nc.ts";
import { ncat } from "./ncat.ts";
import { socat } from "./socat.ts";
import { shellWord, type Tool, type Translation } from "./translation.ts";
import { websocat } from "./websocat.ts";

const TOOLS: readonly Tool[] = [nc, ncat, socat, websocat];

/**
 * Translates a command line, given as one text or as words. Throws a `UsageError` where it can't be
 * understood.
 */
export function translate(given: readonly string[]): Translation {
  const words = given.length === 1 ? splitWords(given[0]!) : given;
  if (!words) throw new UsageError(`"${given[0]}"`, "expected the quotes to be closed");
  const [program = "", ...args] = words;
  const name = program.replace(/^.*\//, "");
  const tool = TOOLS.find(({ names }) => names.includes(name));
  if (!tool) throw new UsageError(`"${program}"`, "expected nc, ncat, socat or websocat");
  const shell = args.find((word) => given.length === 1 && /^(?:[|<>&;]|\d>)/.test(word));
  if (shell) throw new UsageError(`"${shell}"`, "expected one command, without what a shell does");
  return tool.translate(args, name);
}

/** The answer: coax's command line, then what to know about it, at most `width` columns wide. */
export function answer(translation: Translation, wrap: (text: string) => string[]): string {
  const { words, redirect, notes } = translation;
  const line = words
    ? ["coax", ...words].map(shellWord).concat(redirect ?? []).join(" ")
    : "coax has no command for this.";
  const told = notes.map((note) => wrap(note).map((part, i) => (i === 0 ? "- " : "  ") + part));
  return [line, ...told.length > 0 ? [""] : [], ...told.flat()].join("\n") + "\n";
}
