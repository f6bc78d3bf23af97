/** Stdin and stdout as a connection; each may be a terminal, pipe, file, /dev/null or closed. */
import type { Duplex } from "../core/duplex.ts";
import { LocalError, OutputClosedError } from "../core/errors.ts";
import { settledWithin } from "../core/time.ts";
import { reasonOfSystem } from "./system_reason.ts";
import { libc } from "./libc.ts";
import { stdout } from "./patient.ts";
import { Pipe } from "./pipe.ts";
import { stdin } from "./stdin.ts";
import { drawn } from "./terminal.ts";

/** Whether stdin is a terminal. */
export function isInteractive(): boolean {
  return Deno.stdin.isTerminal();
}

/** Whether stdout is a terminal. */
export function outputIsTerminal(): boolean {
  return Deno.stdout.isTerminal();
}

/** Seeks from the current offset (lseek(2)). */
const SEEK_CUR = 1;

/** What `openFile` tells of a file. */
interface FileInfo {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
}

/**
 * The file that stdin (0), stdout (1) or stderr (2) is; undefined if it is none. Asks by the
 * descriptor: since Deno 2.9 only a program with every permission may stat `/dev/stdin`.
 */
export function openFile(descriptor: 0 | 1 | 2): FileInfo | undefined {
  try {
    // deno-lint-ignore no-process-global -- an import would load Node's modules at every start
    const info = process.getBuiltinModule("node:fs").fstatSync(descriptor);
    return info.isFile() ? info : undefined;
  } catch {
    return undefined; // Closed.
  }
}

/** Bytes left in stdin if it is a file, counted from its offset, which others may have moved. */
export function inputSize(): number | undefined {
  const file = openFile(0);
  if (!file) return undefined;
  const read = Number(libc()?.lseek(0, 0n, SEEK_CUR) ?? 0);
  return Math.max(0, file.size - Math.max(0, read));
}

/** The width of stdout in columns: the terminal's, or 80 for a file or pipe. */
export function outputColumns(): number {
  if (!outputIsTerminal()) return 80;
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // The runtime can't get the size if only stdout is a terminal.
  }
}

/** Writes to stdout. Rejects with an `OutputClosedError` if its reader is gone. */
export async function print(text: string): Promise<void> {
  await writeAll(new TextEncoder().encode(text));
}

const input = Pipe.of(0);
const output = Pipe.of(1);

class Stdio implements Duplex {
  readonly framing = "stream";
  readonly peer = "stdio";
  readonly halfClose = true;
  readonly own = true;
  readonly gathers = true;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly closed = this.#closed.promise;
  #lastWrite: Promise<void> = Promise.resolve();
  /** Why something couldn't be written, be it that nobody waited for it. */
  failure: Error | undefined;
  #isClosed = false;
  #reason: Error | undefined;
  /** Settle a pending read and write at `close`: the runtime can't cancel them. */
  #settleRead = () => {};
  #rejectWrite = () => {};

  read(buffer: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#settleRead = () => this.#reason ? reject(this.#reason) : resolve(null);
      if (this.#isClosed) this.#settleRead();
      else this.#read(buffer).then(resolve, reject);
    });
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      const count = await stdin.read(buffer);
      input.carried(count ?? 0);
      return count;
    } catch (error) {
      throw new LocalError("read", "stdin", reasonOfSystem(error as Error), { cause: error });
    }
  }

  /** Queues behind earlier writes: several connections may write, and no two chunks mix. */
  write(bytes: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(() => writeAll(bytes));
    this.#lastWrite = written.catch((error) => {
      this.failure ??= error;
    });
    return new Promise((resolve, reject) => {
      this.#rejectWrite = () => reject(this.#reason ?? new LocalError("write", "stdout", "closed"));
      if (this.#isClosed) this.#rejectWrite();
      else written.then(resolve, reject);
    });
  }

  /** Does nothing: other connections may still write to stdout. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** Resolves once all that has been handed to `write` is written, or can't be. */
  get written(): Promise<void> {
    return this.#lastWrite;
  }

  close(reason?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#settleRead();
    this.#rejectWrite();
    this.#closed.resolve(reason);
  }
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) {
      const count = await stdout.write(rest);
      output.carried(count);
      rest = rest.subarray(count);
    }
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    if (code === "EPIPE" || name === "BrokenPipe") throw new OutputClosedError({ cause: error });
    throw new LocalError("write", "stdout", reasonOfSystem(error as Error), { cause: error });
  }
}

const instance = new Stdio();

/** The process's only stdio connection. */
export const stdio: Duplex = instance;

/** Milliseconds for pending output when the program exits. */
const OUTPUT_WAIT = 500;

/** Waits until pending output is written, or for `OUTPUT_WAIT`. */
export async function outputWritten(): Promise<void> {
  await settledWithin(Promise.all([instance.written, drawn()]), OUTPUT_WAIT);
}

/** Waits until all output is written, or can't be, however long its reader takes. */
export function allOutputWritten(): Promise<void> {
  return instance.written;
}

/** Throws the error of the first write to stdout that failed, be it that nobody waited for it. */
export function throwIfOutputFailed(): void {
  if (instance.failure) throw instance.failure;
}
