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
export async function within<T>(
  work: Promise<T>,
  ms: number | undefined,
  late: () => Error,
  discard: (value: T) => void = () => {},
): Promise<T> {
  if (ms === undefined) return await work;
  let timer: number | undefined;
  let expired = false;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      expired = true;
      reject(late());
    }, ms);
  });
  work.then((value) => expired && discard(value), () => {});
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
