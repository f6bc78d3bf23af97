/** The type of a translation, and the syntax of its words. */
import { quoteWord } from "../address/words.ts";
import { UsageError } from "../core/errors.ts";
import { servicePort } from "../platform/services.ts";

/** coax's counterpart of another tool's command line. */
export interface Translation {
  /** The words of coax's command line; undefined where coax has nothing like it. */
  readonly words?: readonly string[];
  /** Shell text in front: the stages before, a loop's head. */
  readonly before?: string;
  /** Redirections: `< FILE`. */
  readonly redirect?: string;
  /** Shell text behind: the stages after, a loop's `done`. */
  readonly after?: string;
  /** Differences in behaviour, and what has no counterpart. */
  readonly notes: readonly string[];
}

/** A tool whose command lines can be translated. */
export interface Tool {
  /** The names of its program. */
  readonly names: readonly string[];
  /** Throws a `UsageError` for what the tool itself refuses, and for an unknown option. */
  translate(args: readonly string[], name: string): Translation;
}

/** A placeholder: ssh's `%h` and `%p` (ssh_config(5), TOKENS), or a shell's variable. */
const PLACEHOLDER = /%[hp]|\$(?:\w+|\{\w+\})/;
const VARIABLE = new RegExp(`^(?:\\w+:(?://)?)?(?:[\\w@%+=:,.\\/[\\]-]|${PLACEHOLDER.source})+$`);

/** One word for a shell, quoted where necessary; variables in addresses are still expanded. */
export function shellWord(word: string): string {
  const quoted = quoteWord(word);
  const hasVariables = quoted !== word && VARIABLE.test(word) && !/^(?:exec|sh):/.test(word);
  return hasVariables ? `"${word}"` : quoted;
}

/** A word with values in place of its placeholders, for coax's parser. */
export function fillPlaceholders(word: string): string {
  if (/^(?:exec|sh):/.test(word)) return word;
  const every = new RegExp(PLACEHOLDER, "g");
  return word
    .replace(new RegExp(`^(?:${PLACEHOLDER.source})$`), "1")
    .replace(new RegExp(`:(?:${PLACEHOLDER.source})$`), ":1")
    .replace(every, "host");
}

/** Checks a port number; a placeholder passes. Throws a `UsageError`. */
export function portOf(text: string, least = 1): string {
  if (new RegExp(`^(?:${PLACEHOLDER.source})$`).test(text)) return text;
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (port >= least && port <= 65535) return `${port}`;
  if (servicePort(text, "tcp") !== undefined) return text;
  throw new UsageError(`"${text}"`, "expected a port number, or the name of a service");
}

/** `host:80`, with brackets where an IPv6 address needs them. */
export function hostPort(host: string, port: string): string {
  return `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}

/** The address of a Unix socket's file, also of one whose name begins with an `@`. */
export function socketFile(path: string, scheme: "unix" | "unixgram" = "unix"): string {
  return `${scheme}:${path.startsWith("@") ? "./" : ""}${path}`;
}

/** Seconds, or a number with `ms`, `s`, `m`, `h`, as coax writes a duration. */
export function durationOf(option: string, text: string): string {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) {
    throw new UsageError(`${option} ${text}`, "expected a number of seconds");
  }
  return `${number}${unit ?? "s"}`;
}
