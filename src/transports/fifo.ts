/**
 * FIFOs, whose other side may be late. Opening one waits for that, and the runtime opens files in
 * the thread that does everything else (2.7.11): no signal would be heard meanwhile. So a FIFO is
 * opened, and read or written as a whole, in a thread of its own.
 */

const PROGRAM = `onmessage = ({ data: { path, bytes } }) => {
  try {
    postMessage({ read: bytes ? Deno.writeFileSync(path, bytes) : Deno.readFileSync(path) });
  } catch ({ message }) {
    postMessage({ message });
  }
};`;

/** Whether there is a FIFO at `path`, or a pipe as `<(…)` makes them. */
export async function isFifo(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFifo === true;
}

/** All of a file, or of what is written to a FIFO. Rejects as the system says. */
export async function readWhole(path: string): Promise<Uint8Array> {
  return await isFifo(path) ? await readFifo(path) : await Deno.readFile(path);
}

/** All that is written to a FIFO, once somebody has opened it, until the last one closes it. */
export async function readFifo(path: string): Promise<Uint8Array> {
  return (await aside({ path }))!;
}

/** Writes to a FIFO once somebody reads from it. Rejects as the system says. */
export async function writeFifo(path: string, bytes: Uint8Array): Promise<void> {
  await aside({ path, bytes });
}

async function aside(task: { path: string; bytes?: Uint8Array }): Promise<Uint8Array | undefined> {
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, {
    type: "module",
  });
  const { promise, resolve } = Promise.withResolvers<{ read?: Uint8Array; message?: string }>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(task);
  const { read, message } = await promise;
  worker.terminate();
  if (message !== undefined) throw new Error(message);
  return read;
}
