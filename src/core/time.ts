/** Timers with an end: everything here cleans up after itself. */
import { deadline } from "./deadlines.ts";

/** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/**
 * `work`, or a rejection with `late()` when `ms` milliseconds pass first. `work` itself goes on:
 * `discard` gets what it still resolves with, to let go of it.
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

/** `work`, or a rejection with `late()` when `signal` aborts first; `work` itself goes on. */
export async function before<T>(
  signal: AbortSignal,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  if (signal.aborted) throw late();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(late());
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
