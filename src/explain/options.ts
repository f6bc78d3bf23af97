/** Parses another tool's options by a table, as `getopt_long` would. */
import { UsageError } from "../core/errors.ts";

/** Applies an option to the draft of a translation. */
export type Effect<D> = (draft: D, value: string, option: string) => void;

/** Effects by spellings, separated by blanks; a final `=` means a value: `-m --max-conns=`. */
export type OptionTable<D> = Readonly<Record<string, Effect<D>>>;

interface KnownOption<D> {
  readonly valued: boolean;
  readonly effect: Effect<D>;
}

/**
 * Applies all options in `args` to `draft` and returns the operands. Throws a `UsageError` for an
 * option that isn't in the table.
 */
export function readOptions<D>(
  tool: string,
  table: OptionTable<D>,
  args: readonly string[],
  draft: D,
): string[] {
  const known = spellings(table);
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") return [...operands, ...rest];
    if (!/^-./.test(arg)) {
      operands.push(arg);
      continue;
    }
    const [option, inline, more] = split(arg, known);
    const found = known.get(option);
    if (!found) throw new UsageError(option, `no option of ${tool} that coax knows`);
    if (more) rest.unshift(more);
    const value = found.valued ? inline ?? rest.shift() : "";
    if (value === undefined) throw new UsageError(option, `${tool} expects a value for it`);
    if (!found.valued && inline !== undefined) throw new UsageError(option, "takes no value");
    found.effect(draft, value, option);
  }
  return operands;
}

function spellings<D>(table: OptionTable<D>): Map<string, KnownOption<D>> {
  return new Map(
    Object.entries(table).flatMap(([written, effect]) => {
      const known = { valued: written.endsWith("="), effect };
      return written.replace(/=$/, "").split(" ").map((name) => [name, known] as const);
    }),
  );
}

/** Splits a word into an option, a value, and the other letters of a cluster such as `-lk`. */
function split<D>(
  arg: string,
  known: ReadonlyMap<string, KnownOption<D>>,
): [option: string, inline?: string, more?: string] {
  if (arg.startsWith("--")) {
    const equals = arg.indexOf("=");
    return equals < 0 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)];
  }
  if (known.has(arg)) return [arg];
  const option = arg.slice(0, 2);
  const rest = arg.slice(2);
  if (rest === "") return [option];
  return known.get(option)?.valued
    ? [option, rest.replace(/^=/, "")]
    : [option, undefined, `-${rest}`];
}
