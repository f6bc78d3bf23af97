/**
 * Options as values: each says its name, its help, its default and how its text is understood.
 * The parser, `--help` and everything else that lists options come from these.
 */
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
import type { Need } from "./need.ts";

/** One option; `T` is what a command gets for it. */
export interface Flag<T> {
  readonly help: string;
  /** One letter or digit: `-k`. */
  readonly short?: string;
  /** Name of the value in help (`D`, `N`, `FILE`); without one the option is a switch. */
  readonly value?: string;
  /** The texts that a value can be, where they can be listed. */
  readonly choices?: readonly string[];
  /** Given more than once, the values are collected. */
  readonly repeat?: boolean;
  /** Whether help shows the default. */
  readonly shown?: string;
  /** The heading it stands under in help. */
  readonly group?: string;
  /** What must be on the command line for it to act; all of these. */
  readonly needs?: readonly Need[];
  /** All texts given for it, in order, to what the command gets. Throws what was expected. */
  parse(texts: readonly string[]): T;
}

/** A command's options by name in camel case: `connectTimeout` is `--connect-timeout`. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The plain object that a command gets for its flags. */
export type OptionsOf<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

/** `connectTimeout` → `connect-timeout`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** Puts flags under a heading, but for those that have one already. */
export function group<F extends Flags>(heading: string, flags: F): F {
  const grouped = Object.entries(flags).map(([key, flag]) => [key, { group: heading, ...flag }]);
  return Object.fromEntries(grouped) as F;
}

/** A switch. */
export function toggle(help: string, short?: string): Flag<boolean> {
  return { help, short, parse: (texts) => texts.length > 0 };
}

/** A switch that counts: `-vv`. */
export function counter(help: string, short?: string): Flag<number> {
  return { help, short, repeat: true, parse: (texts) => texts.length };
}

interface Details {
  short?: string;
  value?: string;
  /** The default as help shows it. */
  shown?: string;
}

/** An option with one value; the last one given counts, but all must be good. */
function single<T>(
  help: string,
  parse: (text: string) => T,
  details: Details,
): Flag<T | undefined> {
  return { help, ...details, parse: (texts) => texts.map((given) => parse(given)).at(-1) };
}

/** The same flag with a default, given as the user would write it. */
export function defaultTo<T>(flag: Flag<T | undefined>, text: string): Flag<T> {
  return {
    ...flag,
    shown: text,
    parse: (texts) => flag.parse(texts.length > 0 ? texts : [text])!,
  };
}

/** The same flag, with every value given. */
export function repeated<T>(flag: Flag<T | undefined>): Flag<T[]> {
  return { ...flag, repeat: true, parse: (texts) => texts.map((text) => flag.parse([text])!) };
}

/** The same flag, whose values are lists, with one list of all of them. */
export function joined<T>(flag: Flag<T[] | undefined>): Flag<T[] | undefined> {
  const parse = (texts: readonly string[]) =>
    texts.length > 0 ? texts.flatMap((text) => flag.parse([text])!) : undefined;
  return { ...flag, repeat: true, parse };
}

/** Milliseconds. */
export const duration = (help: string, details: Details = {}): Flag<number | undefined> =>
  single(help, parseDuration, { value: "D", ...details });

/** Bytes, at least `least`. */
export const size = (
  help: string,
  { least = 0, ...details }: Details & { least?: number } = {},
): Flag<number | undefined> =>
  single(help, (given) => parseSize(given, least), { value: "SIZE", ...details });

/** From 0 to 1. */
export const probability = (help: string): Flag<number | undefined> =>
  single(help, parseProbability, { value: "P" });

/** Bytes a second. */
export const rate = (help: string, details: Details = {}): Flag<number | undefined> =>
  single(help, parseRate, { value: "RATE", ...details });

/** A whole number from `least`. */
export const count = (
  help: string,
  least: number,
  details: Details = {},
): Flag<number | undefined> =>
  single(help, (text) => parseCount(text, least), { value: "N", ...details });

/** Any text. */
export const text = (help: string, details: Details): Flag<string | undefined> =>
  single(help, (given) => given, details);

/** The bytes of a text with escapes. */
export const bytes = (help: string, details: Details): Flag<Uint8Array | undefined> =>
  single(help, parseEscapes, details);

/** A regular expression. */
export const regExp = (help: string, details: Details = {}): Flag<RegExp | undefined> =>
  single(help, parseRegExp, { value: "REGEX", ...details });

/** Permission bits. */
export const octal = (help: string, details: Details = {}): Flag<number | undefined> =>
  single(help, parseOctal, { value: "OCTAL", ...details });

/** A file's place; an unset variable of a shell isn't one. */
export const path = (help: string, details: Details): Flag<string | undefined> =>
  single(help, (given) => {
    if (given === "") throw new Error("expected a path");
    return given;
  }, details);

/** Texts, separated by commas; the option may be given more than once. */
export const list = (help: string): Flag<string[]> => ({
  help,
  value: "LIST",
  repeat: true,
  parse: (texts) => texts.flatMap(entriesOf),
});

/** No entry at all is no list: an empty `--allow` would let everybody in. */
function entriesOf(given: string): string[] {
  const entries = given.split(",").filter(Boolean);
  if (entries.length === 0) throw new Error("expected at least one entry");
  return entries;
}

/** Anything else with one value. */
export const custom = <T>(
  help: string,
  parse: (text: string) => T,
  details: Details,
): Flag<T | undefined> => single(help, parse, details);

/** One of a few words. */
export function choice<const C extends string>(
  help: string,
  choices: readonly C[],
  details: Details = {},
): Flag<C | undefined> {
  const parse = (given: string) => {
    const found = choices.find((word) => word === given);
    if (!found) throw new Error(`expected one of ${choices.join(", ")}`);
    return found;
  };
  return { ...single(help, parse, { value: choices.join("|"), ...details }), choices };
}
