/** What a translation is, and the words it is put in. */
import { UsageError } from "../core/errors.ts";

/** Another tool's command line as coax would do it. */
export interface Translation {
  /** The words of coax's command line; none where coax has nothing like it. */
  readonly words?: readonly string[];
  /** What a shell has to do for it: `< FILE`. */
  readonly redirect?: string;
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

/** One word as a shell takes it, in quotes where it needs them. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,.\/[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `80`, or what is wrong with it. */
export function portOf(text: string, least = 1): string {
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
