/** `coax __complete`: the question that the shells' completion scripts ask at a Tab. */
import { commandNames, loadCommand } from "../commands/mod.ts";
import { completionLines, type Completions, completionsAt } from "../completions/completions.ts";
import { type CommandModel, modelOf } from "../completions/model.ts";
import { type Position, positionAfter } from "../completions/position.ts";
import type { Usage } from "../flags/usage.ts";
import { print } from "../transports/stdio.ts";

/** The options of `coax` that are offered where a command can stand. */
const OFFERED = ["help", "version"];

/**
 * Prints what the word at the cursor can become, as `completionLines` says. `args` are how many
 * words stand before it (`coax` isn't counted), these words, and the word itself up to the cursor;
 * a shell that can't pass an empty word may leave that out. Whatever the words are, nobody is told
 * of an error in the middle of typing.
 */
export async function complete(args: readonly string[], top: Syntax): Promise<void> {
  const count = Number(args[0]);
  try {
    const before = args.slice(1, 1 + count);
    await print(completionLines(await completionsAfter(before, args[1 + count] ?? "", top)));
  } catch {
    // A Tab that finds nothing does nothing.
  }
}

type Syntax = Pick<Usage, "operands" | "flags" | "optionsFirst">;

/** What `current` can become after `words`; loads only the command that is among them. */
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

/** Commands, and the few options that are for coax alone. */
async function withoutCommand(
  position: Position,
  current: string,
  model: CommandModel,
): Promise<Completions> {
  const options = model.options.filter(({ long }) => OFFERED.includes(long));
  const found = completionsAt(position, current, { ...model, options });
  const candidates = found.candidates.map(async (candidate) => {
    const { text } = candidate;
    // Loading a command for its summary takes time: only those that can still be meant.
    const command = text.startsWith(current) ? await loadCommand(text) : undefined;
    return command ? { text, description: command.summary } : candidate;
  });
  return { ...found, candidates: await Promise.all(candidates) };
}
