/** A command's usage, from which parser, help, completions and man page are made. */
import type { Flags, OptionsOf } from "./flag.ts";
import type { Sides } from "./need.ts";

export interface Usage<F extends Flags = Flags> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * Operands as help shows them: `ADDRESS...`, `FROM TO [TO...]`, `bash|zsh`. Upper case stands for
   * a value, lower case is literal.
   */
  readonly operands: string;
  /** Examples: a command line, and what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly flags: F;
  /** Keys of the options that matter most, at most ten: help begins with them. */
  readonly first?: readonly (keyof F & string)[];
  /** Whether the words after the first operand are another program's command line. */
  readonly optionsFirst?: boolean;
  /** The sides that the operands name, for a command whose options depend on them. */
  sides?(operands: readonly string[], options: OptionsOf<F>): Sides;
}

/** One operand of a usage. */
interface Operand {
  /** `TO`, `COMMAND|addresses`. */
  readonly name: string;
  readonly optional: boolean;
  /** Whether any number may be given. */
  readonly repeated: boolean;
}

/** Parses the usage's `operands`, in order. */
export function operandsOf({ operands }: Pick<Usage, "operands">): Operand[] {
  return operands.replace(/\[-- .*/, "").split(" ").filter(Boolean).map((written) => ({
    name: written.replace(/^\[|\]$/g, "").replace("...", ""),
    optional: written.startsWith("["),
    repeated: written.includes("..."),
  }));
}

/** Whether a command line may go on with `-- COMMAND ARG...`. */
export function takesCommand({ operands }: Pick<Usage, "operands">): boolean {
  return operands.includes("[-- ");
}
