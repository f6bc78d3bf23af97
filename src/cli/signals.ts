/** SIGINT and SIGTERM: the first asks a listening command to finish, any other ends at once. */

/** What signals do to a running command. */
export interface Signals {
  /** Aborts at the first signal, for a command that drains. */
  readonly stop: AbortSignal;
  /** Resolves with the status of a command that a signal ends at once. */
  readonly ended: Promise<number>;
  /** Lets go of the handlers. */
  release(): void;
}

/** Status of a process that a signal ended, as shells show it: 128 + its number. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Handles signals until `release`. */
export function handleSignals(onSignal: "drain" | "end"): Signals {
  const controller = new AbortController();
  const ended = Promise.withResolvers<number>();
  const handlers = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const handle = () => {
      if (onSignal === "end") ended.resolve(STATUS[signal]);
      else if (controller.signal.aborted) ended.resolve(0);
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
