/** Parses argv to a command's options, by the command's own flag table. */
import { parseArgs } from "@std/cli/parse-args";
import { MissingOperandError, UnknownOptionError, UsageError } from "../core/errors.ts";
import { type Flag, flagName, type Flags, listedFlags } from "./flag.ts";
import { checkNeeds, type TextsByOption } from "./needs.ts";
import { operandsOf, takesCommand, type Usage } from "./usage.ts";
import { suggestion } from "../core/nearest.ts";

export interface Arguments {
  readonly options: Record<string, unknown>;
  readonly operands: readonly string[];
  /** The words after `--`, for a command that takes another command line there. */
  readonly rest: readonly string[];
}

/** The parts of a command's usage that decide how its command line is parsed. */
type Syntax = Pick<Usage, "operands" | "flags" | "optionsFirst" | "sides">;

/** Parses the words after the command's name. Throws a `UsageError` that names what is wrong. */
export function parseArguments(command: Syntax, argv: readonly string[]): Arguments {
  const entries = Object.entries(command.flags);
  const valued = entries.filter(([, flag]) => flag.value);
  const switches = entries.filter(([, flag]) => !flag.value);
  const parsed = parseArgs(spellOut(command, argv), {
    "--": true,
    string: ["_", ...valued.map(([key]) => flagName(key))],
    boolean: switches.map(([key]) => flagName(key)),
    collect: entries.map(([key]) => flagName(key)),
  });
  const texts = new Map(entries.map(([key]) => [key, textsOf(parsed[flagName(key)])]));
  const options = Object.fromEntries(
    entries.map(([key, flag]) => [key, parseFlag(`--${flagName(key)}`, flag, texts.get(key)!)]),
  );
  const afterDashes = parsed["--"] ?? [];
  const operands = [...parsed._.map(String), ...(takesCommand(command) ? [] : afterDashes)];
  if (!options.help) {
    checkOperands(command, operands);
    const sides = command.sides?.(operands, options);
    if (sides) checkNeeds(command.flags, onlyGiven(texts), sides);
  }
  return { options, operands, rest: takesCommand(command) ? afterDashes : [] };
}

/** An error for an unknown option, with the one that was probably meant. */
function unknownOption(arg: string, flags: Flags): UnknownOptionError {
  const [written] = /^--[^=]*/.exec(arg) ?? [];
  const known = listedFlags(flags).map(([key]) => `--${flagName(key)}`);
  return new UnknownOptionError(arg, `unknown option${written ? suggestion(written, known) : ""}`);
}

/** Log options of a command line that can't be parsed, for reporting just that. */
export function statedLogOptions(argv: readonly string[]): Record<string, unknown> {
  const dashes = argv.indexOf("--");
  const words = dashes < 0 ? argv : argv.slice(0, dashes);
  const last = (option: string) =>
    words.flatMap((word, i) => {
      if (word === option) return words.slice(i + 1, i + 2);
      return word.startsWith(`${option}=`) ? [word.slice(option.length + 1)] : [];
    }).at(-1);
  return { logFormat: last("--log-format"), color: last("--color") };
}

/** The options that are on the command line, without those that have only a default. */
function onlyGiven(texts: ReadonlyMap<string, readonly string[]>): TextsByOption {
  return new Map([...texts].filter(([, { length }]) => length > 0));
}

/** The texts of one option; `parseArgs` gives false for a missing switch. */
function textsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.filter((one) => one !== false).map(String);
}

function parseFlag(name: string, flag: Flag<unknown>, texts: readonly string[]): unknown {
  try {
    return flag.parse(texts);
  } catch (error) {
    if (error instanceof UsageError) throw error; // Its message hides secrets in the value.
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
 * Writes options in their long form: `-vm5` becomes `--verbose --max-connections=5`, and `--name
 * value` becomes `--name=value`. So a value may begin with a dash, and a missing one is noticed.
 */
function spellOut({ flags, optionsFirst }: Syntax, argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    const isOption = /^-./.test(arg);
    if (arg === "--") return [...words, ...argv.slice(i)];
    if (optionsFirst && !isOption) return [...words, "--", ...argv.slice(i)];
    if (!isOption) {
      words.push(arg);
      continue;
    }
    for (const { key, value } of optionsIn(arg, flags)) {
      const { lone } = flags[key]!;
      const isLone = lone !== undefined && !/^(?:-$|[^-])/.test(argv[i + 1] ?? "--");
      const text = flags[key]!.value ? value ?? (isLone ? lone : argv[++i]) : "";
      if (text === undefined) throw new UsageError(inWord(key, arg, flags), "expected a value");
      words.push(`--${flagName(key)}${flags[key]!.value ? `=${text}` : ""}`);
    }
  }
  return words;
}

/** What a message calls an option: the word, or the letter where the word has several. */
function inWord(key: string, word: string, flags: Flags): string {
  return /^-[^-]./.test(word) ? `-${flags[key]!.short} (in ${word})` : word;
}

/** An option as written, with its value where that is part of the same word. */
interface WrittenOption {
  readonly key: string;
  readonly value?: string;
}

/** The options in one word. Only the last one can take a value. */
function optionsIn(arg: string, flags: Flags): WrittenOption[] {
  if (arg.startsWith("--")) return [longOption(arg, flags)];
  const options: WrittenOption[] = [];
  const letters = [...arg.slice(1)];
  for (const [i, letter] of letters.entries()) {
    const key = Object.keys(flags).find((known) => flags[known]!.short === letter);
    if (key === undefined) throw unknownLetter(arg, letters, i);
    const rest = letters.slice(i + 1).join("");
    if (flags[key]!.value) {
      return [...options, { key, value: rest === "" ? undefined : rest.replace(/^=/, "") }];
    }
    if (rest.startsWith("=")) throw new UsageError(`-${letter}`, "takes no value");
    options.push({ key });
  }
  return options;
}

/** An error for a letter that is no option: behind one that is, it may be meant as its value. */
function unknownLetter(word: string, letters: readonly string[], i: number): UnknownOptionError {
  if (i > 0 && !/[a-z]/i.test(letters[i]!)) {
    return new UnknownOptionError(word, "takes no value", `-${letters[i - 1]}`);
  }
  return new UnknownOptionError(word, "unknown option", i > 0 ? `-${letters[i]}` : word);
}

function longOption(arg: string, flags: Flags): WrittenOption {
  const [, name, value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg)!;
  const key = Object.keys(flags).find((known) => flagName(known) === name);
  if (key === undefined) throw unknownOption(arg, flags);
  if (value !== undefined && !flags[key]!.value) {
    throw new UsageError(`--${name}`, "takes no value");
  }
  return { key, value };
}

/** Checks the number of operands against their names: `ADDRESS...`, `FROM TO [TO...]`. */
function checkOperands(command: Syntax, operands: readonly string[]): void {
  const wanted = operandsOf(command);
  const missing = wanted[operands.length];
  if (missing && !missing.optional) throw new MissingOperandError(missing.name);
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
