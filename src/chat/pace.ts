/**
 * Work for members, in pieces: between them everybody else gets a chance. Without it, turns that
 * only wait for each other would be taken one after the other, and nothing would be read or
 * written.
 */

/** How much is done in one go, milliseconds. */
const SLICE = 10;

let spent = 0;
let pause: Promise<void> | undefined;

/** Does a short piece of work, soon: after what else the event loop has to do, once in a while. */
export async function paced<T>(work: () => T): Promise<T> {
  if (spent >= SLICE) pause ??= breathe();
  while (pause) await pause;
  const begun = performance.now();
  try {
    return work();
  } finally {
    spent += performance.now() - begun;
  }
}

async function breathe(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  spent = 0;
  pause = undefined;
}
