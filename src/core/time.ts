/** Timers that are cancelled when their work is done. */
import { onAbort } from "./abort.ts";
import { deadline } from "./deadlines.ts";
import { startTimer } from "./timer.ts";

const LONGEST_PAUSE = 30_000;
/** A pause is so much shorter or longer, that many don't try again at the same time. */
const [LEAST, MOST] = [0.8, 1.2];

/** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts first. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = startTimer(ms, resolve);
  using _ = onAbort(signal, () => reject(signal!.reason));
  return await promise.finally(cancel);
}

/**
 * The time before a retry, milliseconds: it doubles, but to no more than half a minute.
 *
 * @param before How many retries there were.
 * @param first About the time before the first, which may be longer.
 */
export function pauseBefore(before: number, first: number): number {
  const longest = Math.max(first, LONGEST_PAUSE / MOST);
  return Math.min(first * 2 ** Math.min(before, 30), longest) *
    (LEAST + (MOST - LEAST) * Math.random());
}

/**
 * `work`, or a rejection with `late()` when `ms` milliseconds pass first. `work` itself goes on:
 * `discard` gets a value that it resolves with later, to close it.
 */
export function withTimeout<T>(
  work: Promise<T>,
  ms: number | undefined,
  late: () => Error,
  discard: (value: T) => void = () => {},
): Promise<T> {
  if (ms === undefined) return work;
  return new Promise((resolve, reject) => {
    let expired = false;
    const cancel = deadline(ms, () => {
      expired = true;
      reject(late());
    });
    work.then((value) => {
      cancel();
      if (expired) discard(value);
      else resolve(value);
    }, (error) => {
      cancel();
      reject(error);
    });
  });
}

/**
 * Resolves once `work` has settled, or after `ms` milliseconds: with the value of `work`, or
 * undefined if it was rejected or late.
 */
export function settledWithin<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  return withTimeout(work, ms, () => new Error("late")).catch(() => undefined);
}
