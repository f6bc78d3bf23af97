/** The words of a child process's command. */
import { AddressError } from "../core/errors.ts";
import { platform } from "../platform/platform.ts";
import { splitWords } from "./words.ts";

/** Splits a line as this system does. Throws an `AddressError` for one without a command. */
export function parseWords(text: string, line: string): string[] {
  const words = splitWords(line, platform().backslashPaths);
  if (!words) throw new AddressError(text, "expected the quotes to be closed");
  if (!words[0]) throw new AddressError(text, "expected exec:COMMAND ARG...");
  return words;
}
