/**
 * Handles signals. The first asks a listening command to finish. The second, or SIGQUIT, terminates
 * it at once.
 */
import type { Command } from "../commands/command.ts";
import { InterruptedError, type Interruption } from "../core/errors.ts";
import { platform } from "../platform/platform.ts";
import { onInterruptKey } from "../transports/terminal.ts";
import { ignoredAtStart } from "../transports/process/dispositions.ts";

/** The effects of signals on a running command. */
interface Signals {
  /** Aborts at the first signal, with an `InterruptedError`. */
  readonly stop: AbortSignal;
  /** Settles when a signal terminates the command at once; rejects unless it was draining. */
  readonly terminated: Promise<void>;
  /** Removes the handlers. */
  release(): void;
}

/** The numbers of the signals (POSIX.1-2024, `kill`). */
const NUMBERS: Readonly<Record<Interruption, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGTERM: 15,
};

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
  // SIGHUP and SIGQUIT stay ignored under `nohup`. SIGINT and SIGTERM are always handled: a
  // script's `&` starts a program with SIGINT ignored, and may send SIGINT to stop it later.
  const ignored: ReadonlySet<string> = ignoredAtStart();
  const handlers = platform().signals.map((signal) => {
    return [signal, ignored.has(signal) ? () => {} : () => interrupt(signal)] as const;
  });
  for (const [signal, handle] of handlers) Deno.addSignalListener(signal, handle);
  onInterruptKey(() => interrupt("SIGINT"));
  return {
    stop: controller.signal,
    terminated: terminated.promise,
    release() {
      for (const [signal, handle] of handlers) Deno.removeSignalListener(signal, handle);
    },
  };
}

let handlesFileSizeLimit = false;

/**
 * Makes a write beyond the limit of a file's size fail as on a full disk, where it would end the
 * program. It stays so: a signal that came before is still on its way when the handler goes.
 * Children don't inherit it, as they would if the signal was ignored.
 */
export function handleFileSizeLimit(): void {
  const { fileSizeSignal: signal } = platform();
  if (handlesFileSizeLimit || !signal || ignoredAtStart().has(signal)) return;
  handlesFileSizeLimit = true;
  Deno.addSignalListener(signal, () => {});
}
