/** Options by what their values are: times, sizes, paths. */
import { custom, type Flag, type FlagDetails } from "./flag.ts";
import {
  parseCount,
  parseDuration,
  parseEscapes,
  parseOctal,
  parseProbability,
  parseRate,
  parseRegExp,
  parseSize,
} from "./values.ts";

/** A duration, in milliseconds. */
export const duration = (help: string, details: FlagDetails = {}): Flag<number | undefined> =>
  custom(help, parseDuration, { value: "D", ...details });

/** A duration that isn't zero, in milliseconds. */
export const positiveDuration = (help: string): Flag<number | undefined> =>
  custom(help, (given) => {
    const ms = parseDuration(given);
    if (ms === 0) throw new Error("expected more than nothing");
    return ms;
  }, { value: "D" });

/** A size in bytes, at least `least`. */
export const size = (
  help: string,
  { least = 0, ...details }: FlagDetails & { least?: number } = {},
): Flag<number | undefined> =>
  custom(help, (given) => parseSize(given, least), { value: "SIZE", ...details });

/** A probability from 0 to 1. */
export const probability = (help: string): Flag<number | undefined> =>
  custom(help, parseProbability, { value: "P" });

/** A rate in bytes per second. */
export const rate = (help: string, details: FlagDetails = {}): Flag<number | undefined> =>
  custom(help, parseRate, { value: "RATE", ...details });

/** A whole number of at least `least`. */
export const count = (
  help: string,
  least: number,
  details: FlagDetails = {},
): Flag<number | undefined> =>
  custom(help, (text) => parseCount(text, least), { value: "N", ...details });

/** Any text. */
export const text = (help: string, details: FlagDetails): Flag<string | undefined> =>
  custom(help, (given) => given, details);

/** The bytes of a text with escapes. */
export const bytes = (help: string, details: FlagDetails): Flag<Uint8Array | undefined> =>
  custom(help, parseEscapes, details);

/** A regular expression. */
export const regExp = (help: string, details: FlagDetails = {}): Flag<RegExp | undefined> =>
  custom(help, parseRegExp, { value: "REGEX", ...details });

/** Permission bits, as `0660`. */
export const octal = (help: string, details: FlagDetails = {}): Flag<number | undefined> =>
  custom(help, parseOctal, { value: "OCTAL", ...details });

/** The file that stands for stdin where it is read, and for stdout where it is written. */
export const STANDARD_STREAM = "-";

/**
 * A file's path. An empty text, as of an unset shell variable, is refused, and so is `-` unless the
 * option takes it for stdin or stdout: it never names a file.
 */
export const path = (
  help: string,
  { orStream = false, ...details }:
    & FlagDetails
    & Required<Pick<FlagDetails, "file">>
    & { orStream?: boolean },
): Flag<string | undefined> =>
  custom(help, (given) => {
    if (given === "") throw new Error("expected a path");
    if (given === STANDARD_STREAM && !orStream) {
      const stream = details.file === "written" ? "it can't go to stdout" : "it can't be stdin";
      throw new Error(`${stream}; a file of that name is ./-`);
    }
    return given;
  }, details);

/** Texts separated by commas; repeatable. */
export const list = (help: string, details: FlagDetails = {}): Flag<string[]> => ({
  ...details,
  help,
  value: "LIST",
  repeat: true,
  parse: (texts) => texts.flatMap(entriesOf),
});

/** Splits a list. Throws for an empty one: an empty `--allow` would let everybody in. */
function entriesOf(given: string): string[] {
  const entries = given.split(",").filter(Boolean);
  if (entries.length === 0) throw new Error("expected at least one entry");
  return entries;
}
