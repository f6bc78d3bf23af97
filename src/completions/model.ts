/** What may stand where in a command line: made from the commands' own tables. */
import { PREFIXES } from "../address/address.ts";
import { flagName } from "../flags/flag.ts";
import { operandsOf, takesCommand, type Usage } from "../flags/usage.ts";

/** What may stand at one place. All empty: something that can't be listed. */
export interface ArgumentModel {
  readonly words: readonly string[];
  readonly files: boolean;
  readonly addresses: boolean;
}

export interface OptionModel {
  /** `--max-connections`, without its dashes. */
  readonly long: string;
  readonly short?: string;
  readonly help: string;
  readonly repeat: boolean;
  /** What the value can be; a switch has none. */
  readonly value?: ArgumentModel;
}

export interface CommandModel {
  readonly options: readonly OptionModel[];
  /** Operands in order. */
  readonly operands: readonly ArgumentModel[];
  /** The last operand may stand any number of times. */
  readonly open: boolean;
  /** A program's command line may follow after `--`. */
  readonly program: boolean;
  /** The first operand begins another command line. */
  readonly optionsFirst: boolean;
}

/** What an address can begin with: a whole address, or a prefix that something follows. */
export const ADDRESSES = Object.values(PREFIXES);
/** After these comes a path. */
export const PATH_PREFIXES = ADDRESSES.filter((prefix) => prefix.endsWith("unix:"));

/** The model of `usage`; `commands` are the names that an operand called COMMAND can be. */
export function modelOf(
  usage: Pick<Usage, "flags" | "operands" | "optionsFirst">,
  commands: readonly string[],
): CommandModel {
  const operands = operandsOf(usage);
  return {
    options: Object.entries(usage.flags).map(([key, { short, help, repeat, value, choices }]) => ({
      long: flagName(key),
      short,
      help,
      repeat: repeat ?? false,
      value: choices
        ? oneOf(choices)
        : value === undefined
        ? undefined
        : argumentOf(value, commands),
    })),
    operands: operands.map(({ name }) => argumentOf(name, commands)),
    open: operands.at(-1)?.repeated ?? false,
    program: takesCommand(usage),
    optionsFirst: usage.optionsFirst ?? false,
  };
}

/** What stands at a place called `FILE`, `ADDRESS`, `N|forever`. */
function argumentOf(name: string, commands: readonly string[]): ArgumentModel {
  const parts = name.split("|");
  const literal = parts.filter((part) => part === part.toLowerCase());
  return {
    words: parts.includes("COMMAND") ? [...commands, ...literal] : literal,
    files: parts.some((part) => part === "FILE" || part === "PATH"),
    addresses: parts.some((part) => ["ADDRESS", "FROM", "TO"].includes(part)),
  };
}

function oneOf(words: readonly string[]): ArgumentModel {
  return { words, files: false, addresses: false };
}
