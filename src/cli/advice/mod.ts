/**
 * What is probably meant by a command line that is refused: loaded for nothing else, so it may load
 * every command.
 */
import { parseAddress } from "../../address/address.ts";
import { PREFIXES, type Scheme } from "../../address/schemes.ts";
import type { Command } from "../../commands/command.ts";
import { grammarOf } from "../../commands/explain.ts";
import { loadCommands } from "../../commands/mod.ts";
import {
  AddressError,
  MissingOperandError,
  UnknownCommandError,
  UnknownOptionError,
  UsageError,
} from "../../core/errors.ts";
import { translate } from "../../explain/mod.ts";
import { shellWord } from "../../explain/translation.ts";
import { GATE_HEADING } from "../../options/groups.ts";
import { flagName, listedFlags } from "../../flags/flag.ts";
import { foreignOption, standsAlone } from "./foreign_options.ts";
import { commandFor, isTool } from "./foreign_words.ts";

/** A refused command line. */
interface Refused {
  /** The command's name, undefined where no command was found. */
  readonly name?: string;
  /** All words but that name. */
  readonly args: readonly string[];
  readonly commands: readonly Command[];
}

/** The same error with advice, or the error itself where nothing is better known. */
export async function advised(
  error: UsageError,
  name: string | undefined,
  args: readonly string[],
): Promise<UsageError> {
  const refused = { name, args, commands: await loadCommands() };
  if (error instanceof UnknownOptionError) return aboutOption(error, refused);
  if (error instanceof UnknownCommandError) return aboutCommand(error, refused);
  if (error instanceof MissingOperandError) return aboutOperand(error, refused);
  if (error instanceof AddressError) return aboutAddress(error, refused);
  return error;
}

const line = (words: readonly string[]) => ["coax", ...words].map(shellWord).join(" ");

/** Why a command line of ours would be refused; undefined where it is taken. */
function refusalOf([name, ...words]: readonly string[], commands: readonly Command[]) {
  return grammarOf(commands).refusal([name!, ...words]);
}

function aboutOption(error: UnknownOptionError, refused: Refused): UsageError {
  const { option, letter } = error;
  const { name, args, commands } = refused;
  const named = option.replace(/^-+/, "");
  if (name === undefined && commands.some((command) => command.name === named)) {
    const words = [named, ...joinPort(args.toSpliced(args.indexOf(option), 1))];
    return new UsageError(option, `unknown option; did you mean ${line(words)}?`);
  }
  const own = commands.find((command) => command.name === name);
  // What a listening command knows for gates alone is no advice.
  const knows = (long: string) =>
    Object.entries(own?.flags ?? {}).some(([key, { group }]) =>
      `--${flagName(key)}` === long && group !== GATE_HEADING
    );
  const foreign = foreignOption(letter, args[args.indexOf(option) + 1], knows);
  const alone = standsAlone(option) ? foreign : undefined;
  const translated = alone === undefined ? translatedLine(refused) : undefined;
  if (translated) return new UsageError(option, translated);
  if (Object.values(own?.flags ?? {}).some(({ short }) => `-${short}` === letter)) return error;
  const advice = standsBehind(letter, refused) ?? foreign ?? ownersAdvice(letter, commands);
  return advice ? new UnknownOptionError(option, `unknown option; ${advice}`, letter) : error;
}

/** Tools whose whole command lines are written after `coax`, or after one of its commands. */
const TOOLS = ["nc", "ncat"];
/** What a command of ours stands for in those tools' command lines. */
const TOOL_PREFIXES: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  [undefined, []],
  ["client", []],
  ["server", ["-l"]],
]);

/** `that is nc's; here: coax server :9000`, for a whole command line of another tool. */
function translatedLine({ name, args, commands }: Refused): string | undefined {
  const prefix = TOOL_PREFIXES.get(name);
  if (!prefix) return undefined;
  const hasPrefix = args.some((arg) => /^-\w*l/.test(arg));
  for (const tool of TOOLS) {
    try {
      const theirs = [tool, ...hasPrefix ? [] : prefix, ...args];
      const { words } = translate(theirs, grammarOf(commands));
      if (words && isWhole(words, args) && refusalOf(words, commands) === undefined) {
        return `that is ${tool}'s; here: ${line(words)}`;
      }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error; // Not a line of that tool, either.
    }
  }
  return undefined;
}

/** Whether a translation has no port that nobody wrote, as ncat's own. */
function isWhole(words: readonly string[], args: readonly string[]): boolean {
  return args.includes(NCAT_PORT) || !words.some((word) => word.endsWith(`:${NCAT_PORT}`));
}

/** ncat's port where none is given. */
const NCAT_PORT = "31337";

/** Who has an option that this command lacks. */
function ownersAdvice(option: string, commands: readonly Command[]): string | undefined {
  const owners = ownersOf(option, commands);
  if (owners.length === 0) return undefined;
  return `coax ${listed(owners)} ${owners.length === 1 ? "has" : "have"} it`;
}

/** The commands that have an option. */
function ownersOf(option: string, commands: readonly Command[]): string[] {
  const [, long, short] = /^(?:--([^=]+)|-(.))/s.exec(option) ?? [];
  const has = ({ flags }: Command) =>
    listedFlags(flags).some(([key, flag]) =>
      flagName(key) === long || (short !== undefined && flag.short === short)
    );
  return commands.filter(has).map((command) => command.name);
}

/** Where an option of a command stands before it. */
function standsBehind(option: string, { name, args, commands }: Refused): string | undefined {
  const owners = name === undefined ? ownersOf(option, commands) : [];
  const owner = args.find((arg) => owners.includes(arg));
  if (owner === undefined) return undefined;
  const words = [owner, ...args.toSpliced(args.indexOf(owner), 1)];
  const taken = refusalOf(words, commands) === undefined;
  return `it stands behind the command${taken ? `: ${line(words)}` : ""}`;
}

function aboutCommand(error: UnknownCommandError, refused: Refused): UsageError {
  const { word } = error;
  const { args, commands } = refused;
  if (refused.name !== undefined) return error;
  const rest = args.slice(args.indexOf(word) + 1);
  if (isTool(word)) return refine(error, `; did you mean coax explain ${word} …?`);
  const meant = commandFor(word);
  if (meant && commands.some(({ name }) => name === meant)) {
    const words = [meant, ...joinPort(rest)];
    const whole = rest.length > 0 && refusalOf(words, commands) === undefined;
    return refine(error, `; did you mean ${line(whole ? words : [meant])}?`);
  }
  if (word === "version") return refine(error, "; did you mean coax --version?");
  if (error.reason.endsWith("?")) return error;
  const words = [word, ...rest];
  const whole = linesFor(words, commands);
  // An option that is wrong as well is left for the next answer.
  const lines = whole.length > 0
    ? whole
    : linesFor(words.filter((one) => !/^-./.test(one)), commands);
  return lines.length > 0 ? refine(error, `; did you mean ${lines.join(" or ")}?`) : error;
}

const refine = ({ word }: UnknownCommandError, advice: string) =>
  new UnknownCommandError(word, advice);

/** The command lines that words without a command may stand for, the likeliest first. */
function linesFor(words: readonly string[], commands: readonly Command[]): string[] {
  const [first = "", second, ...rest] = words;
  const [name, place] = first.split(/:(?=\d+$)/);
  const isCommand = commands.some((command) => command.name === name);
  if (isCommand && place !== undefined) {
    const whole = [name!, place, ...words.slice(1)];
    return [line(refusalOf(whole, commands) === undefined ? whole : [name!])];
  }
  const transport = second !== undefined && transportPrefix(first);
  const joined = transport
    ? [transport + joinPort([second, ...rest])[0]]
    : joinPort(words).map(corrected);
  const isPlace = (word: string | undefined) => word !== undefined && isAddress(word);
  if (!isPlace(joined[0])) return [];
  const names = isPlace(joined[1])
    ? ["relay"]
    : /^(?:\d+|[:*].*)$/.test(joined[0]!)
    ? ["server", "client"]
    : ["client"];
  return names.map((name) => [name, ...joined])
    .filter((one) => refusalOf(one, commands) === undefined)
    .map(line);
}

/** `udp://` of `udp`, for `coax udp host 53`. */
function transportPrefix(word: string): string | undefined {
  const scheme = word.toLowerCase();
  return scheme in PREFIXES && scheme !== "stdio" ? PREFIXES[scheme as Scheme] : undefined;
}

/** The address that another program's form stands for; any other word stays as it is. */
function corrected(word: string): string {
  try {
    parseAddress(word);
  } catch (error) {
    const [, meant] = /did you mean ([^\s?,]+)/.exec((error as Error).message) ?? [];
    return meant ?? word;
  }
  return word;
}

function isAddress(word: string): boolean {
  try {
    return parseAddress(word).scheme !== "stdio";
  } catch {
    return false;
  }
}

/** The words with `host 80` as `host:80`, once, where it isn't an address already. */
function joinPort(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word, i) => {
    return /^\d+$/.test(words[i + 1] ?? "") && !/^-/.test(word) && !isAddress(word) &&
      isAddress(`${word}:${words[i + 1]}`);
  });
  return at < 0 ? words : words.toSpliced(at, 2, `${words[at]}:${words[at + 1]}`);
}

/** The first example of the command, whose operand is missing. */
function aboutOperand(error: MissingOperandError, { name, commands }: Refused): UsageError {
  const [example] = commands.find((command) => command.name === name)?.examples ?? [];
  if (!example) return error;
  return new UsageError(error.address, `missing, as in ${example[0]} (${example[1]})`);
}

/** `server localhost 9000`, where each word was taken for an address. */
function aboutAddress(error: AddressError, { name, args, commands }: Refused): UsageError {
  const at = args.indexOf(error.text);
  const joined = joinPort(args);
  if (at < 0 || joined.length === args.length || name === undefined) return error;
  if (refusalOf([name, ...joined], commands) !== undefined) return error;
  return new AddressError(
    error.text,
    `the port is missing; did you mean ${line([name, ...joined])}?`,
  );
}

/** `server, client and echo`. */
function listed(words: readonly string[]): string {
  return words.join(", ").replace(/, (?=[^,]*$)/, " and ");
}
