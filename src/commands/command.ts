/** What a command is: what it says of itself, and something to run. */
import type { Log } from "../core/log.ts";
import type { Flags, OptionsOf } from "../flags/flag.ts";
import type { Usage } from "../flags/usage.ts";

/** What a command gets to work with. */
export interface Context<F extends Flags = Flags> {
  readonly options: OptionsOf<F>;
  /** The arguments that are no options. */
  readonly operands: readonly string[];
  /** What stands behind `--`. */
  readonly rest: readonly string[];
  readonly log: Log;
  /** Aborts at the first signal that asks to end, with an `InterruptedError`. */
  readonly stop: AbortSignal;
}

export interface Command<F extends Flags = Flags> extends Usage<F> {
  /**
   * What SIGINT, SIGTERM and SIGHUP do: `drain` lets connections finish, `end` ends at once, `own`
   * leaves the first one to the command.
   */
  readonly onSignal: "drain" | "stop" | "own";
  /**
   * Resolves when the command is done, with the status of a program that it has run in its own
   * place; rejects with a `CoaxError` for any other status than 0.
   */
  run(context: Context<F>): Promise<void | number>;
}

/** Lets a command's `run` see the types of its own flags. */
export function defineCommand<F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command;
}
