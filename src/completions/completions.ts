/** Finds the completions of the word at the cursor, and formats them for a shell. */
import { ADDRESSES, type ArgumentModel, type CommandModel, PATH_PREFIXES } from "./model.ts";
import { optionsIn, type Position } from "./position.ts";

export interface Candidate {
  /** The whole word; one that ends in `:`, `/` or `=` is incomplete. */
  readonly text: string;
  readonly description?: string;
}

export interface Completions {
  /** All possible words; the shell matches them with what has been typed. */
  readonly candidates: readonly Candidate[];
  /** File names are possible too, after this part of the word. */
  readonly filesAfter?: string;
  /** The word belongs to another program's command line, which begins at this index. */
  readonly restAt?: number;
}

/** The completions of `current` at `position`. */
export function completionsAt(
  position: Position,
  current: string,
  model: CommandModel,
): Completions {
  const { operand, awaiting, optionsEnded, restAt } = position;
  if (restAt !== undefined) return { candidates: [], restAt };
  if (awaiting) return completionsOf(awaiting.value, "", current);
  const isOption = current.startsWith("-") && !optionsEnded;
  const { options, valueAt } = optionsIn(isOption ? current : "", model.options);
  if (valueAt !== undefined) {
    return completionsOf(options.at(-1)?.value, current.slice(0, valueAt), current);
  }
  const argument = model.operands[operand] ?? (model.open ? model.operands.at(-1) : undefined);
  const { candidates, filesAfter } = completionsOf(argument, "", current);
  return {
    candidates: [...isOption ? optionsAt(position, model) : [], ...candidates],
    filesAfter,
  };
}

/** The options that haven't been given yet, or may be repeated. */
function optionsAt({ given }: Position, model: CommandModel): Candidate[] {
  return model.options.filter((option) => option.repeat || !given.has(option))
    .flatMap(({ short, long, help }) => [
      ...short ? [{ text: `-${short}`, description: help }] : [],
      { text: `--${long}`, description: help },
    ]);
}

/** The completions of an argument that follows `prefix` in its word; none without one. */
function completionsOf(
  argument: ArgumentModel | undefined,
  prefix: string,
  current: string,
): Completions {
  if (!argument) return { candidates: [] };
  const words = [...argument.words, ...argument.addresses ? ADDRESSES : []];
  const path = argument.addresses
    ? PATH_PREFIXES.find((scheme) => current.startsWith(prefix + scheme))
    : undefined;
  return {
    candidates: words.map((word) => ({ text: prefix + word })),
    filesAfter: argument.files ? prefix : path && prefix + path,
  };
}

/**
 * The lines that a shell reads. The first says what the shell completes itself: `files PREFIX` for
 * file names after that part of the word, `program INDEX` for another program's command line that
 * begins at that word, or `nothing`. Each other line is a candidate, with its description after a
 * tab.
 */
export function completionLines({ candidates, filesAfter, restAt }: Completions): string {
  const own = restAt !== undefined
    ? `program ${restAt}`
    : filesAfter !== undefined
    ? `files ${filesAfter}`
    : "nothing";
  const lines = candidates.map(({ text, description }) =>
    description ? `${text}\t${description}` : text
  );
  return [own, ...lines, ""].join("\n");
}
