/** Reads the words before the cursor, to find what the word at the cursor is. */
import type { CommandModel, OptionModel } from "./model.ts";

export interface Position {
  /** The number of operands before. */
  readonly operand: number;
  /** The options before. */
  readonly given: ReadonlySet<OptionModel>;
  /** The option whose value is next. */
  readonly awaiting?: OptionModel;
  /** Whether `--` came before: no option can follow. */
  readonly optionsEnded: boolean;
  /** The index of the word that begins another program's command line, if one has begun. */
  readonly restAt?: number;
}

/** The position after `words`. Unknown options count as switches. */
export function positionAfter(words: readonly string[], model: CommandModel): Position {
  const given = new Set<OptionModel>();
  let operand = 0;
  let optionsEnded = false;
  let awaiting: OptionModel | undefined;
  for (const [i, word] of words.entries()) {
    if (awaiting) {
      awaiting = undefined;
    } else if (word === "--" && !optionsEnded) {
      optionsEnded = true;
      if (model.program) return { operand, given, optionsEnded, restAt: i + 1 };
    } else if (optionsEnded || !/^-./.test(word)) {
      if (model.optionsFirst) return { operand, given, optionsEnded, restAt: i };
      operand++;
    } else {
      const { options, valueAt } = optionsIn(word, model.options);
      for (const option of options) given.add(option);
      const last = options.at(-1);
      if (last?.value && valueAt === undefined) awaiting = last;
    }
  }
  return { operand, given, awaiting, optionsEnded };
}

/** The options of one word. */
interface ParsedOptions {
  readonly options: readonly OptionModel[];
  /** The index in the word at which the last option's value begins, if it does. */
  readonly valueAt?: number;
}

/** The known options in `--name`, `--name=value`, `-qv`, `-qm5` or `-m=5`. */
export function optionsIn(word: string, known: readonly OptionModel[]): ParsedOptions {
  if (word.startsWith("--")) {
    const [name] = word.slice(2).split("=", 1);
    const equals = word.indexOf("=");
    const options = known.filter(({ long }) => long === name);
    return { options, valueAt: equals < 0 ? undefined : equals + 1 };
  }
  const options: OptionModel[] = [];
  for (let i = 1; i < word.length; i++) {
    const option = known.find(({ short }) => short === word[i]);
    if (!option) break;
    options.push(option);
    if (option.value) {
      const next = i + (word[i + 1] === "=" ? 2 : 1);
      return { options, valueAt: i + 1 < word.length ? next : undefined };
    }
  }
  return { options };
}
