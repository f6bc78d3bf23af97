/**
 * Signals that end a program. The first asks a listening command to finish, any other ends it at
 * once; so does SIGQUIT.
 */
import type { Command } from "../commands/command.ts";
import { InterruptedError, type Interruption } from "../core/errors.ts";
import { ignoredAtStart } from "../transports/process/dispositions.ts";

/** What signals do to a running command. */
interface Signals {
  /** Aborts at the first signal, with an `InterruptedError`. */
  readonly stop: AbortSignal;
  /** Settles when a signal ends the command at once: rejects unless it was draining by then. */
  readonly terminated: Promise<void>;
  /** Lets go of the handlers. */
  release(): void;
}

/** The numbers of the signals (POSIX.1-2024, `kill`). */
const NUMBERS: Readonly<Record<Interruption, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGTERM: 15,
};

/** Windows has no others than this, and no program to send it. */
const HANDLED = Deno.build.os === "windows"
  ? ["SIGINT"] as const
  : Object.keys(NUMBERS) as Interruption[];

/** Handles signals for `command`, run with `address`, until `release`. */
export function handleSignals(
  onSignal: Command["onSignal"],
  command: string,
  address: string,
): Signals {
  const controller = new AbortController();
  const terminated = Promise.withResolvers<void>();
  const interrupt = (signal: Interruption) => {
    const interruption = new InterruptedError(command, address, signal, NUMBERS[signal]);
    const first = !controller.signal.aborted;
    controller.abort(interruption);
    const atOnce = signal === "SIGQUIT" || onSignal === "stop" || (onSignal === "own" && !first);
    if (atOnce) terminated.reject(interruption);
    else if (!first) terminated.resolve();
  };
  // A program under `nohup` lives on. SIGINT and SIGTERM are always heard: a script's `&` ignores
  // the former, and sending it is how that script ends what it has started.
  const ignored: ReadonlySet<string> = ignoredAtStart();
  const handlers = HANDLED.map((signal) => {
    return [signal, ignored.has(signal) ? () => {} : () => interrupt(signal)] as const;
  });
  for (const [signal, handle] of handlers) Deno.addSignalListener(signal, handle);
  return {
    stop: controller.signal,
    terminated: terminated.promise,
    release() {
      for (const [signal, handle] of handlers) Deno.removeSignalListener(signal, handle);
    },
  };
}
