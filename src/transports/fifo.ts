/**
 * Reads and writes FIFOs in a thread of their own. Opening one waits for the other side, and the
 * runtime opens files in its main thread (2.7.11), which would handle no signal meanwhile.
 */

const PROGRAM = `onmessage = ({ data: { path, bytes } }) => {
  try {
    postMessage({ read: bytes ? Deno.writeFileSync(path, bytes) : Deno.readFileSync(path) });
  } catch ({ message }) {
    postMessage({ message });
  }
};`;

/** Whether `path` is a FIFO, or a pipe as a shell's `<(…)` makes it. */
export async function isFifo(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFifo === true;
}

/** Reads all of a file or a FIFO. Rejects with the system's error. */
export async function readWhole(path: string): Promise<Uint8Array> {
  return await isFifo(path) ? await readFifo(path) : await Deno.readFile(path);
}

/** Reads a FIFO until its last writer closes it. Rejects with the system's error. */
export async function readFifo(path: string): Promise<Uint8Array> {
  return (await runInWorker({ path }))!;
}

/** Writes to a FIFO once a reader has opened it. Rejects with the system's error. */
export async function writeFifo(path: string, bytes: Uint8Array): Promise<void> {
  await runInWorker({ path, bytes });
}

async function runInWorker(
  task: { path: string; bytes?: Uint8Array },
): Promise<Uint8Array | undefined> {
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
