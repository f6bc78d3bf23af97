/** SIGINT and SIGTERM: the first asks a listening command to finish, any other ends at once. */

import type { Command } from "../commands/command.ts";
import { InterruptedError } from "../core/errors.ts";

/** What signals do to a running command. */
export interface Signals {
  /** Aborts at the first signal, with an `InterruptedError`. */
  readonly stop: AbortSignal;
  /** Settles when a signal ends the command at once: rejects unless it was draining by then. */
  readonly ended: Promise<void>;
  /** Lets go of the handlers. */
  release(): void;
}

/** The numbers of the signals (POSIX.1-2024, `kill`). */
const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/** Handles signals for `command`, run with `address`, until `release`. */
export function handleSignals(
  onSignal: Command["onSignal"],
  command: string,
  address: string,
): Signals {
  const controller = new AbortController();
  const ended = Promise.withResolvers<void>();
  const handlers = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const handle = () => {
      const interruption = new InterruptedError(command, address, signal, NUMBERS[signal]);
      const first = !controller.signal.aborted;
      controller.abort(interruption);
      if (onSignal === "end" || (onSignal === "own" && !first)) ended.reject(interruption);
      else if (!first) ended.resolve();
    };
    return { signal, handle };
  }).filter(({ signal }) => Deno.build.os !== "windows" || signal === "SIGINT");
  for (const { signal, handle } of handlers) Deno.addSignalListener(signal, handle);
  return {
    stop: controller.signal,
    ended: ended.promise,
    release() {
      for (const { signal, handle } of handlers) Deno.removeSignalListener(signal, handle);
    },
  };
}
