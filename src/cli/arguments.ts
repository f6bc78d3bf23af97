/** From argv to a command's options, by the command's own flag table. */
import { parseArgs } from "@std/cli/parse-args";
import type { Command } from "../commands/command.ts";
import { UsageError } from "../core/errors.ts";
import { type Flag, flagName, type Flags } from "../flags/flag.ts";
import { operandsOf, takesCommand } from "../flags/usage.ts";
import { suggestion } from "../nearest.ts";

export interface Arguments {
  readonly options: Record<string, unknown>;
  readonly operands: readonly string[];
  /** What stands behind `--`, for a command that takes another command line there. */
  readonly rest: readonly string[];
}

/** Parses what follows the command's name. Throws a `UsageError` that names what is wrong. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const { flags } = command;
  const names = new Map(Object.keys(flags).map((key) => [flagName(key), key]));
  const entries = Object.entries(flags);
  const valued = entries.filter(([, flag]) => flag.value);
  const switches = entries.filter(([, flag]) => !flag.value);
  const parsed = parseArgs(joinValues(command, argv), {
    "--": true,
    string: ["_", ...valued.map(([key]) => flagName(key))],
    boolean: switches.map(([key]) => flagName(key)),
    collect: [...names.keys()],
    alias: Object.fromEntries(
      entries.flatMap(([key, flag]) => flag.short ? [[flagName(key), flag.short]] : []),
    ),
    unknown(arg) {
      if (arg.startsWith("-") && arg !== "-") throw unknownOption(arg, flags);
      return true;
    },
  });
  const options = Object.fromEntries(entries.map(([key, flag]) => {
    const name = flagName(key);
    return [key, parseFlag(`--${name}`, flag, given(parsed[name]))];
  }));
  const behind = parsed["--"] ?? [];
  const operands = [...parsed._.map(String), ...(takesCommand(command) ? [] : behind)];
  if (!options.help) checkOperands(command, operands);
  return { options, operands, rest: takesCommand(command) ? behind : [] };
}

/** An option that the command doesn't have, with the one that was probably meant. */
function unknownOption(arg: string, flags: Flags): UsageError {
  const [written] = /^--[^=]*/.exec(arg) ?? [];
  const known = Object.keys(flags).map((key) => `--${flagName(key)}`);
  return new UsageError(arg, `unknown option${written ? suggestion(written, known) : ""}`);
}

/** What a command line says about the log, for telling that the rest of it can't be understood. */
export function statedLogOptions(argv: readonly string[]): Record<string, unknown> {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const last = (option: string) =>
    words.flatMap((word, i) => {
      if (word === option) return words.slice(i + 1, i + 2);
      return word.startsWith(`${option}=`) ? [word.slice(option.length + 1)] : [];
    }).at(-1);
  return { logFormat: last("--log-format"), color: last("--color") };
}

/** The texts given for one option. A switch that isn't there counts as `false`. */
function given(value: unknown): string[] {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.filter((one) => one !== false).map(String);
}

function parseFlag(name: string, flag: Flag<unknown>, texts: readonly string[]): unknown {
  try {
    return flag.parse(texts);
  } catch (error) {
    if (error instanceof UsageError) throw error; // It says itself what may be shown of the value.
    const bad = texts.find((text) => !accepts(flag, text)) ?? "";
    throw new UsageError(`${name} ${bad}`.trim(), (error as Error).message);
  }
}

function accepts(flag: Flag<unknown>, text: string): boolean {
  try {
    flag.parse([text]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Joins `--name value` to `--name=value`, so that a value may begin with a dash and a missing one
 * is noticed.
 */
function joinValues({ flags, optionsFirst }: Command, argv: readonly string[]): string[] {
  const valued = new Map<string, string>();
  const switches = new Set<string>();
  for (const [key, flag] of Object.entries(flags)) {
    const long = `--${flagName(key)}`;
    for (const written of flag.short ? [long, `-${flag.short}`] : [long]) {
      if (flag.value) valued.set(written, long);
      else switches.add(written);
    }
  }
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === "--") return [...joined, ...argv.slice(i)];
    if (optionsFirst && !/^-./.test(arg)) return [...joined, "--", ...argv.slice(i)];
    if (namesOperands(arg, valued)) throw unknownOption(arg, flags);
    const [, name, value] = /^(-[^-=]|--[^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const long = name === undefined ? undefined : valued.get(name);
    if (name !== undefined && value !== undefined && switches.has(name)) {
      throw new UsageError(name, "takes no value");
    }
    if (long === undefined) {
      joined.push(arg);
      continue;
    }
    const text = value ?? argv[++i];
    if (text === undefined) throw new UsageError(arg, "expected a value");
    joined.push(`${long}=${text}`);
  }
  return joined;
}

/** Whether an option is called `_`: that is where the parser keeps the operands. */
function namesOperands(arg: string, valued: ReadonlyMap<string, string>): boolean {
  const [, long, letters] = /^(?:--([^=]*)|-([^=]+))/s.exec(arg) ?? [];
  const switches = [...letters ?? []];
  const value = switches.findIndex((letter) => valued.has(`-${letter}`));
  return long === "_" || switches.slice(0, value < 0 ? undefined : value).includes("_");
}

/** Checks the number of operands against their names: `ADDRESS...`, `FROM TO [TO...]`. */
function checkOperands(command: Command, operands: readonly string[]): void {
  const wanted = operandsOf(command);
  const missing = wanted[operands.length];
  if (missing && !missing.optional) throw new UsageError(missing.name, "missing");
  const open = wanted.some(({ repeated }) => repeated);
  if (!open && operands.length > wanted.length) {
    const extra = operands[wanted.length]!;
    const before = operands[wanted.length - 1]!;
    const hint = /^\d+$/.test(extra) && !/^\d+$|:/.test(before)
      ? ` (did you mean ${before}:${extra}?)`
      : "";
    throw new UsageError(`"${extra}"`, `one argument too many${hint}`);
  }
}
