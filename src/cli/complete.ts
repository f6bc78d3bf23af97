/** `coax __complete`: answers the shells' completion scripts. */
import { commandNames, loadCommand } from "../commands/mod.ts";
import { completionLines, type Completions, completionsAt } from "../completions/completions.ts";
import { type CommandModel, modelOf } from "../completions/model.ts";
import { type Position, positionAfter } from "../completions/position.ts";
import type { Usage } from "../flags/usage.ts";
import { print } from "../transports/stdio.ts";

/** The options that are offered in the place of a command. */
const OFFERED = ["help", "version"];

/**
 * Prints the completions of the word at the cursor, in the format of `completionLines`. `args` are
 * the number of words before it (without `coax`), these words, and the word up to the cursor, which
 * a shell that can't pass an empty word may leave out. Never rejects: an error in the middle of
 * typing helps nobody.
 */
export async function complete(args: readonly string[], top: Syntax): Promise<void> {
  const count = Number(args[0]);
  try {
    const before = args.slice(1, 1 + count);
    await print(completionLines(await completionsAfter(before, args[1 + count] ?? "", top)));
  } catch {
    // No completions.
  }
}

type Syntax = Pick<Usage, "operands" | "flags" | "optionsFirst">;

/** The completions of `current` after `words`; loads only the command that is among them. */
async function completionsAfter(
  words: readonly string[],
  current: string,
  top: Syntax,
): Promise<Completions> {
  const model = modelOf(top, commandNames);
  const position = positionAfter(words, model);
  const at = position.restAt;
  if (at === undefined) return await withoutCommand(position, current, model);
  const command = await loadCommand(words[at]!);
  if (!command) return { candidates: [] };
  const own = modelOf(command, commandNames);
  const found = completionsAt(positionAfter(words.toSpliced(at, 1), own), current, own);
  return { ...found, restAt: found.restAt === undefined ? undefined : found.restAt + 1 };
}

/** Completions before a command: the commands, and the options of `coax` itself. */
async function withoutCommand(
  position: Position,
  current: string,
  model: CommandModel,
): Promise<Completions> {
  const options = model.options.filter(({ long }) => OFFERED.includes(long));
  const found = completionsAt(position, current, { ...model, options });
  const candidates = found.candidates.map(async (candidate) => {
    const { text } = candidate;
    // Loads only the commands that match: each takes time.
    const command = text.startsWith(current) ? await loadCommand(text) : undefined;
    return command ? { text, description: command.summary } : candidate;
  });
  return { ...found, candidates: await Promise.all(candidates) };
}
