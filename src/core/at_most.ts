/** Bounds how much work of one kind goes on at once. */

/** A function that starts work, once fewer than `limit` that it has started go on. */
export function atMost(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < limit) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next(); // It takes this place.
      else running--;
    }
  };
}
