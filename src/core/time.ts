/** Timers with an end: everything here cleans up after itself. */

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
export function within<T>(
  work: Promise<T>,
  ms: number | undefined,
  late: () => Error,
  discard: (value: T) => void = () => {},
): Promise<T> {
  if (ms === undefined) return work;
  return new Promise((resolve, reject) => {
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      reject(late());
    }, ms);
    work.then((value) => {
      clearTimeout(timer);
      if (expired) discard(value);
      else resolve(value);
    }, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Resolves once `work` has settled, however it did, or after `ms` milliseconds. */
export function settles(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(settle, settle);
  });
}
