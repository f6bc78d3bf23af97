/**
 * Reads and writes FIFOs in a thread of their own. Opening one waits for the other side, and the
 * runtime opens files in its main thread (2.7.11), which would handle no signal meanwhile.
 */

const PROGRAM = `onmessage = ({ data: { path, bytes } }) => {
  try {
    postMessage({ read: bytes ? Deno.writeFileSync(path, bytes) : Deno.readFileSync(path) });
  } catch ({ name, code, message }) {
    postMessage({ failure: { name, code, message } });
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
  const { promise, resolve } = Promise.withResolvers<{ read?: Uint8Array; failure?: Failure }>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(task);
  const { read, failure } = await promise;
  worker.terminate();
  if (failure) throw errorOf(failure);
  return read;
}

/** The parts of an error, whose class doesn't pass between threads. */
type Failure = Pick<Error, "name" | "message"> & { readonly code?: string };

function errorOf({ name, code, message }: Failure): Error {
  const classes: Partial<Record<string, new (message: string) => Error>> = Deno.errors;
  return Object.assign(new (classes[name] ?? Error)(message), { code });
}
