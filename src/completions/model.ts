/** What may stand where in a command line, for all shells: made from the commands' own tables. */
import { PREFIXES } from "../address/address.ts";
import { flagName } from "../flags/flag.ts";
import { operandsOf, takesCommand, type Usage } from "../flags/usage.ts";

/** What may stand at one place. All empty: something that can't be listed. */
export interface Place {
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
  /** The value's name and what it can be; a switch has none. */
  readonly value?: { readonly name: string; readonly place: Place };
}

export interface CommandModel {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionModel[];
  /** Operands in order. */
  readonly operands: readonly { readonly name: string; readonly place: Place }[];
  /** The last operand may stand any number of times. */
  readonly open: boolean;
  /** A program's command line may follow after `--`. */
  readonly program: boolean;
}

/** What an address can begin with: those that something follows, and those that are whole. */
export const OPEN_PREFIXES = Object.values(PREFIXES).filter((prefix) =>
  prefix.endsWith(":") ||
  prefix.endsWith("/")
);
export const WHOLE_ADDRESSES = Object.values(PREFIXES).filter((prefix) =>
  !OPEN_PREFIXES.includes(prefix)
);
/** After these comes a path. */
export const PATH_PREFIXES = OPEN_PREFIXES.filter((prefix) => prefix.endsWith("unix:"));

/** The options that coax has without a command. */
export const TOP_LEVEL = ["--help", "--version"];

/** What a shell has to know of `commands`. */
export function modelOf(commands: readonly Usage[]): CommandModel[] {
  const names = commands.map(({ name }) => name);
  return commands.map((command) => {
    const operands = operandsOf(command);
    return {
      name: command.name,
      summary: command.summary,
      options: Object.entries(command.flags).map((
        [key, { short, help, repeat, value, choices }],
      ) => ({
        long: flagName(key),
        short,
        help,
        repeat: repeat ?? false,
        value: value === undefined
          ? undefined
          : { name: value, place: choices ? listed(choices) : placeOf(value, names) },
      })),
      operands: operands.map(({ name }) => ({ name, place: placeOf(name, names) })),
      open: operands.at(-1)?.repeated ?? false,
      program: takesCommand(command),
    };
  });
}

/** What stands at a place called `FILE`, `ADDRESS`, `N|forever`. */
function placeOf(name: string, commands: readonly string[]): Place {
  const parts = name.split("|");
  const literal = parts.filter((part) => part === part.toLowerCase());
  return {
    words: parts.includes("COMMAND") ? [...commands, ...literal] : literal,
    files: parts.some((part) => part === "FILE" || part === "PATH"),
    addresses: parts.some((part) => ["ADDRESS", "FROM", "TO"].includes(part)),
  };
}

function listed(words: readonly string[]): Place {
  return { words, files: false, addresses: false };
}
