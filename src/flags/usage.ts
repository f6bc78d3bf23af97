/** What a command says of itself: parser, help, completions and man page are made from this. */
import type { Flags, OptionsOf } from "./flag.ts";
import type { Sides } from "./need.ts";

export interface Usage<F extends Flags = Flags> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * Operands as help shows them: `ADDRESS...`, `FROM TO [TO...]`, `bash|zsh`. Upper case names a
   * kind, lower case is meant literally.
   */
  readonly operands: string;
  /** A few true examples: the command line, and what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly flags: F;
  /** The first operand ends the options: what follows is another program's command line. */
  readonly optionsFirst?: boolean;
  /** What the operands name, for a command whose options depend on it. */
  sides?(operands: readonly string[], options: OptionsOf<F>): Sides;
}

/** One place for operands in a command line. */
interface Operand {
  /** `TO`, `COMMAND|addresses`. */
  readonly name: string;
  readonly optional: boolean;
  /** Any number may stand there. */
  readonly repeated: boolean;
}

/** The places of `operands`, in order. */
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
