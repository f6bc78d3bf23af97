/** What a translation is, and the words it is put in. */
import { UsageError } from "../core/errors.ts";

/** Another tool's command line as coax would do it. */
export interface Translation {
  /** The words of coax's command line; none where coax has nothing like it. */
  readonly words?: readonly string[];
  /** What a shell has to do before: the rest of a pipeline, a loop's head. */
  readonly before?: string;
  /** What a shell has to do for it: `< FILE`. */
  readonly redirect?: string;
  /** What a shell has to do behind: the rest of a pipeline, a loop's end. */
  readonly after?: string;
  /** Where meanings differ, and what has no counterpart. */
  readonly notes: readonly string[];
}

/** A tool whose command lines are understood. */
export interface Tool {
  /** The names it is called by. */
  readonly names: readonly string[];
  /** Throws a `UsageError` for what the tool itself wouldn't understand, or isn't known of it. */
  translate(args: readonly string[], name: string): Translation;
}

/** A place for a value: ssh's `%h` and `%p` (ssh_config(5), TOKENS), or a shell's variable. */
const PLACEHOLDER = /%[hp]|\$(?:\w+|\{\w+\})/;
const VARIABLE = new RegExp(`^(?:\\w+:(?://)?)?(?:[\\w@%+=:,.\\/[\\]-]|${PLACEHOLDER.source})+$`);

/**
 * One word as a shell takes it, in quotes where it needs them; variables in addresses stay such.
 */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,.\/[\]-]+$/.test(word)) return word;
  if (VARIABLE.test(word) && !/^(?:exec|sh):/.test(word)) return `"${word}"`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The words of a command line with a value in each place that is kept for one. */
export function fillPlaceholders(word: string): string {
  if (/^(?:exec|sh):/.test(word)) return word;
  const every = new RegExp(PLACEHOLDER, "g");
  return word
    .replace(new RegExp(`^(?:${PLACEHOLDER.source})$`), "1")
    .replace(new RegExp(`:(?:${PLACEHOLDER.source})$`), ":1")
    .replace(every, "host");
}

/** `80`, or what is wrong with it. A placeholder is what it is. */
export function portOf(text: string, least = 1): string {
  if (new RegExp(`^(?:${PLACEHOLDER.source})$`).test(text)) return text;
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (port >= least && port <= 65535) return `${port}`;
  throw new UsageError(`"${text}"`, "expected a port number; coax knows no names of services");
}

/** `host:80`, with brackets where an IPv6 address needs them. */
export function hostPort(host: string, port: string): string {
  return `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}

/** Seconds, or a number with `ms`, `s`, `m`, `h`, as coax writes a duration. */
export function durationOf(option: string, text: string): string {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) {
    throw new UsageError(`${option} ${text}`, "expected a number of seconds");
  }
  return `${number}${unit ?? "s"}`;
}
