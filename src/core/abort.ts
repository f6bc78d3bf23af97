/** Reactions to an `AbortSignal`, for as long as a scope lasts: `using _ = onAbort(…)`. */

/** Calls `act` when `signal` aborts, at once if it has already; never after the disposal. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): Disposable {
  if (!signal) return NOTHING;
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", act) };
}

const NOTHING: Disposable = { [Symbol.dispose]() {} };

/** `work`, or a rejection with `late()` when `signal` aborts first; `work` itself goes on. */
export async function orAbort<T>(
  signal: AbortSignal,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  using _ = onAbort(signal, () => reject(late()));
  return await Promise.race([promise, work]);
}

/** Whether the signal aborts before `work` is done. */
export async function abortsFirst(signal: AbortSignal, work: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  using _ = onAbort(signal, () => resolve(true));
  return await Promise.race([promise, work.then(() => false)]);
}
