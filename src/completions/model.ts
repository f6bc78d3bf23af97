/** A model of a command line for completions, made from the commands' own tables. */
import { PREFIXES } from "../address/schemes.ts";
import { flagName, listedFlags } from "../flags/flag.ts";
import { operandsOf, takesCommand, type Usage } from "../flags/usage.ts";

/** What an operand or an option's value can be. All empty: nothing that can be listed. */
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
  /** The model of the value; undefined for a switch. */
  readonly value?: ArgumentModel;
}

export interface CommandModel {
  readonly options: readonly OptionModel[];
  /** Models of the operands, in order. */
  readonly operands: readonly ArgumentModel[];
  /** The last operand may be repeated. */
  readonly open: boolean;
  /** A program's command line may follow after `--`. */
  readonly program: boolean;
  /** The first operand begins another command line. */
  readonly optionsFirst: boolean;
}

/** Whole addresses, and the prefixes of others. */
export const ADDRESSES = Object.values(PREFIXES);
/** Prefixes that a path follows. */
export const PATH_PREFIXES = ADDRESSES.filter((prefix) =>
  /(?:unix(?:gram)?|^file\S*):$/.test(prefix)
);

/** The model of `usage`; `commands` are the names that an operand called COMMAND can be. */
export function modelOf(
  usage: Pick<Usage, "flags" | "operands" | "optionsFirst">,
  commands: readonly string[],
): CommandModel {
  const operands = operandsOf(usage);
  return {
    options: listedFlags(usage.flags).map(([key, { short, help, repeat, value, choices }]) => ({
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

/** The model of an argument that help calls `FILE`, `ADDRESS` or `N|forever`. */
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
