/** Waiting with a deadline: a test that hangs fails with what it was waiting for. */

/** What any single wait may take, on a machine that is busy with much else, milliseconds. */
export const DEADLINE = 60_000;
const POLL = 5;

/** `work`, or a rejection that names `what` after `ms` milliseconds. */
export async function soon<T>(work: PromiseLike<T>, what: string, ms = DEADLINE): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting after ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves once `holds` does; looks every few milliseconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = DEADLINE,
): Promise<void> {
  const end = performance.now() + ms;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`still not so after ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** Whether `work` is still pending after all ready callbacks have run. */
export async function isPending(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  work.then(settle, settle);
  await drainEventLoop();
  return !settled;
}

/** Lets all ready callbacks run. */
export async function drainEventLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
