/** SIGINT and SIGTERM: the first asks a listening command to finish, any other ends at once. */

import { InterruptedError } from "../core/errors.ts";

/** What signals do to a running command. */
export interface Signals {
  /** Aborts at the first signal, for a command that drains. */
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
  onSignal: "drain" | "end",
  command: string,
  address: string,
): Signals {
  const controller = new AbortController();
  const ended = Promise.withResolvers<void>();
  const handlers = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const handle = () => {
      if (onSignal === "end") {
        ended.reject(new InterruptedError(command, address, signal, NUMBERS[signal]));
      } else if (controller.signal.aborted) ended.resolve();
      else controller.abort();
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
