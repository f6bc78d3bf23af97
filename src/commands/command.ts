/** A command: its help, its flags, and the function that runs it. */
import type { Log } from "../core/log.ts";
import type { Flags, OptionsOf } from "../flags/flag.ts";
import type { Usage } from "../flags/usage.ts";

/** The arguments of a command's `run`. */
export interface Context<F extends Flags = Flags> {
  readonly options: OptionsOf<F>;
  /** Arguments that are no options. */
  readonly operands: readonly string[];
  /** Arguments after `--`. */
  readonly rest: readonly string[];
  readonly log: Log;
  /** Aborts at the first signal, with an `InterruptedError`. */
  readonly stop: AbortSignal;
}

export interface Command<F extends Flags = Flags> extends Usage<F> {
  /**
   * What SIGINT, SIGTERM and SIGHUP do: `drain` lets connections finish, `stop` terminates at once,
   * `own` leaves the first signal to the command.
   */
  readonly onSignal: "drain" | "stop" | "own";
  /**
   * Resolves when the command is done, with the status of the program that it ran, if it ran one.
   * Rejects with a `CoaxError` for any other status than 0.
   */
  run(context: Context<F>): Promise<void | number>;
}

/** Gives a command's `run` the types of its own flags. */
export function defineCommand<F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command;
}
