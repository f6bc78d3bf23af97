/**
 * Options as values, with their help, default and parser. Argument parsing, `--help`, completions
 * and the man page are made from them.
 */
import { suggestion } from "../core/nearest.ts";
import type { Need } from "./need.ts";

/** One option. `T` is the type of its value in a command's options. */
export interface Flag<T> {
  readonly help: string;
  /** One letter or digit: `-k`. */
  readonly short?: string;
  /** Name of the value in help (`D`, `N`, `FILE`). Without one the option is a switch. */
  readonly value?: string;
  /** Its value where none is written: at the end, or before another option. */
  readonly lone?: string;
  /** Whether its value is the path of a file that is read or written, or `@` and a path to read. */
  readonly file?: "read" | "written" | "@read";
  /** All valid texts, where they can be listed. */
  readonly choices?: readonly string[];
  /** Whether it may be repeated, with all values collected. */
  readonly repeat?: boolean;
  /** The default as help shows it. */
  readonly shown?: string;
  /** Its heading in help. */
  readonly group?: string;
  /** Whether help, man page and completions leave it out: it is taken, and means little here. */
  readonly unlisted?: boolean;
  /** Conditions of the command line under which it can act; all must be met. */
  readonly needs?: readonly Need[];
  /** Parses all its texts, in order. Throws an `Error` whose message says what was expected. */
  parse(texts: readonly string[]): T;
}

/** A command's options by name in camel case: `connectTimeout` is `--connect-timeout`. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** A command's options after parsing. */
export type OptionsOf<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

/** The options of all `flags`: those that a command has, and the defaults of those it hasn't. */
export function completeOptions<F extends Flags>(
  flags: F,
  options: Partial<OptionsOf<F>>,
): OptionsOf<F> {
  const valueOf = (key: string) => key in options ? options[key] : flags[key]!.parse([]);
  return Object.fromEntries(Object.keys(flags).map((key) => [key, valueOf(key)])) as OptionsOf<F>;
}

/** `connectTimeout` → `connect-timeout`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** Puts flags without a heading under `heading`. */
export function group<F extends Flags>(heading: string, flags: F): F {
  const grouped = Object.entries(flags).map(([key, flag]) => [key, { group: heading, ...flag }]);
  return Object.fromEntries(grouped) as F;
}

/** Puts flags under `heading`, whatever they had before. */
export function moved<F extends Flags>(heading: string, flags: F): F {
  return withDetails(flags, { group: heading });
}

/** The same flags, taken as before and shown nowhere. */
export function unlisted<F extends Flags>(flags: F): F {
  return withDetails(flags, { unlisted: true });
}

function withDetails<F extends Flags>(flags: F, details: Partial<Flag<unknown>>): F {
  const changed = Object.entries(flags).map(([key, flag]) => [key, { ...flag, ...details }]);
  return Object.fromEntries(changed) as F;
}

/** The flags that are shown, by their keys. */
export function listedFlags(flags: Flags): [key: string, flag: Flag<unknown>][] {
  return Object.entries(flags).filter(([, { unlisted }]) => !unlisted);
}

/** A switch. */
export function toggle(help: string, short?: string): Flag<boolean> {
  return { help, short, parse: (texts) => texts.length > 0 };
}

/** A switch that counts: `-vv`. */
export function counter(help: string, short?: string): Flag<number> {
  return { help, short, repeat: true, parse: (texts) => texts.length };
}

/** What is said of an option with a value. */
export interface FlagDetails {
  short?: string;
  value?: string;
  /** The default as help shows it. */
  shown?: string;
  file?: Flag<unknown>["file"];
}

/** An option with one value, which `parse` understands: the last one counts, all must be valid. */
export function custom<T>(
  help: string,
  parse: (text: string) => T,
  details: FlagDetails,
): Flag<T | undefined> {
  return { help, ...details, parse: (texts) => texts.map((given) => parse(given)).at(-1) };
}

/** The same flag with a default, written as on the command line. */
export function defaultTo<T>(flag: Flag<T | undefined>, text: string): Flag<T> {
  return {
    ...flag,
    shown: text,
    parse: (texts) => flag.parse(texts.length > 0 ? texts : [text])!,
  };
}

/** The same flag, whose value may be left out, and is `text` then. */
export function optional<T>(flag: Flag<T>, text: string): Flag<T> {
  return { ...flag, lone: text };
}

/** The same flag, repeatable: its value is an array of all values. */
export function repeated<T>(flag: Flag<T | undefined>): Flag<T[]> {
  return { ...flag, repeat: true, parse: (texts) => texts.map((text) => flag.parse([text])!) };
}

/** The same flag, repeatable: its values are arrays, which are concatenated. */
export function joined<T>(flag: Flag<T[] | undefined>): Flag<T[] | undefined> {
  const parse = (texts: readonly string[]) =>
    texts.length > 0 ? texts.flatMap((text) => flag.parse([text])!) : undefined;
  return { ...flag, repeat: true, parse };
}

/** One of `choices`. */
export function choice<const C extends string>(
  help: string,
  choices: readonly C[],
  details: FlagDetails = {},
): Flag<C | undefined> {
  const parse = (given: string) => {
    const found = choices.find((word) => word === given);
    if (!found) {
      throw new Error(`expected one of ${choices.join(", ")}${suggestion(given, choices)}`);
    }
    return found;
  };
  return { ...custom(help, parse, { value: choices.join("|"), ...details }), choices };
}
