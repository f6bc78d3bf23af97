/**
 * Runs work for members in slices, between which the event loop does its other tasks. Without the
 * pauses, turns that only wait for promises would follow each other, and nothing would be read or
 * written.
 */

/** How long work goes on without a pause, milliseconds. */
const SLICE = 10;

let spent = 0;
let pause: Promise<void> | undefined;

/** Runs a short piece of work, after a turn of the event loop if the slice is used up. */
export async function paced<T>(work: () => T): Promise<T> {
  if (spent >= SLICE) pause ??= yieldToEventLoop();
  while (pause) await pause;
  const startedAt = performance.now();
  try {
    return work();
  } finally {
    spent += performance.now() - startedAt;
  }
}

async function yieldToEventLoop(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  spent = 0;
  pause = undefined;
}
