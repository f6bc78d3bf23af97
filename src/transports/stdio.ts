/** This process's own stdin and stdout as an end: terminal, pipe, file, /dev/null or closed. */
import type { Duplex } from "../core/duplex.ts";
import { LocalError, OutputClosedError } from "../core/errors.ts";
import { settledWithin } from "../core/time.ts";
import { reasonOfSystem } from "./failure.ts";
import { libc } from "./libc.ts";

/** Whether someone is typing. */
export function isInteractive(): boolean {
  return Deno.stdin.isTerminal();
}

/** Whether what we print is seen at once. */
export function outputIsTerminal(): boolean {
  return Deno.stdout.isTerminal();
}

/** `SEEK_CUR`: from where the descriptor stands. */
const HERE = 1;

/** How many bytes stdin still has, where it is a file; others may have read the first of them. */
export function inputSize(): number | undefined {
  try {
    const { isFile, size } = Deno.statSync("/dev/stdin");
    const read = Number(libc()?.lseek(0, 0n, HERE) ?? 0);
    return isFile ? Math.max(0, size - Math.max(0, read)) : undefined;
  } catch {
    return undefined; // Closed, or a system without that name for it.
  }
}

/** How many characters fit in a line of what we print: the terminal's, or 80 for a file or pipe. */
export function outputColumns(): number {
  if (!outputIsTerminal()) return 80;
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // Only stdout is a terminal, and it doesn't tell.
  }
}

/** Prints what was asked for. Throws an `OutputClosedError` if nobody reads it any more. */
export async function print(text: string): Promise<void> {
  await writeAll(new TextEncoder().encode(text));
}

class Stdio implements Duplex {
  readonly framing = "stream";
  readonly peer = "stdio";
  readonly halfClose = true;
  readonly own = true;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly closed = this.#closed.promise;
  #turn: Promise<void> = Promise.resolve();
  #over = false;
  #reason: Error | undefined;
  /** What `close` does to a pending read and a pending write, which can't be called back. */
  #endRead = () => {};
  #endWrite = () => {};

  read(buffer: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#endRead = () => this.#reason ? reject(this.#reason) : resolve(null);
      if (this.#over) this.#endRead();
      else this.#read(buffer).then(resolve, reject);
    });
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await Deno.stdin.read(buffer);
    } catch (error) {
      // A descriptor 0 that isn't open has nothing to say.
      if ((error as { code?: string }).code === "EBADF") return null;
      throw new LocalError("read", "stdin", reasonOfSystem(error as Error), { cause: error });
    }
  }

  /** Many connections may write: each chunk comes out whole. */
  write(bytes: Uint8Array): Promise<void> {
    const turn = this.#turn.then(() => writeAll(bytes));
    this.#turn = turn.catch(() => {});
    return new Promise((resolve, reject) => {
      this.#endWrite = () => reject(this.#reason ?? new LocalError("write", "stdout", "closed"));
      if (this.#over) this.#endWrite();
      else turn.then(resolve, reject);
    });
  }

  /** Whoever reads our stdout may still want what other connections have to say. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** Resolves once all that has been handed to `write` is written, or can't be. */
  get written(): Promise<void> {
    return this.#turn;
  }

  close(reason?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason = reason;
    this.#endRead();
    this.#endWrite();
    this.#closed.resolve(reason);
  }
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await Deno.stdout.write(rest));
    }
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    if (code === "EPIPE" || name === "BrokenPipe") throw new OutputClosedError({ cause: error });
    throw new LocalError("write", "stdout", reasonOfSystem(error as Error), { cause: error });
  }
}

const ours = new Stdio();

/** The one stdio end of the process. */
export const stdio: Duplex = ours;

/** Time for what still waits to be written when the program ends, milliseconds. */
const OUTPUT_WAIT = 500;

/** Gives what has been handed to stdout the time to get there, if anybody reads it. */
export async function outputWritten(): Promise<void> {
  await settledWithin(ours.written, OUTPUT_WAIT);
}
