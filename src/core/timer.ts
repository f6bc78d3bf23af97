/** Timers of any length, of which the runtime has none. */

/**
 * The longest time that a timer of the runtime waits, milliseconds: it counts in 31 bits, and one
 * that is longer is over at once.
 */
export const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * What a timer has to wait of `ms` milliseconds: nothing of a time that is over, which the runtime
 * warns of, and no more than it can, after which the rest is to be waited for.
 */
export function timerLength(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_TIMER);
}

/** Calls `act` after `ms` milliseconds (`Infinity`: never). Returns a function that cancels it. */
export function startTimer(ms: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number) => {
    const length = timerLength(left);
    timer = setTimeout(() => length < left ? wait(left - length) : act(), length);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
