/**
 * Writes a recording to a file, or to a FIFO or device whose reader may be slow or missing. Nothing
 * here blocks on that reader.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  statSync,
  writeSync,
} from "node:fs";
import { sleep } from "../core/time.ts";
import { platform } from "../platform/platform.ts";
import { reasonOfMaking } from "../transports/system_reason.ts";
import { creationError, MODE } from "./file.ts";

/** The most that is queued for a slow reader, bytes. */
const MAX_QUEUED = 4 * 2 ** 20;
/** Time between two attempts to write the queue, milliseconds. */
const RETRY_INTERVAL = 10;
/** Time for a reader to take the rest of the queue, milliseconds. */
const FINISH_TIMEOUT = 1000;

export class Sink {
  readonly #fd: number;
  readonly #isFile: boolean;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Creates the file, for its owner alone. `force` overwrites an existing file, or opens a FIFO or
   * device. Throws a `LocalError`.
   *
   * @param fail Called when writing the queue fails, which no call of `write` can throw.
   */
  constructor(
    private readonly path: string,
    force: boolean,
    private readonly fail: (error: Error) => void,
  ) {
    this.#fd = open(path, force);
    this.#isFile = fstatSync(this.#fd).isFile();
    // An existing file may be readable by others. Devices and FIFOs keep their mode.
    if (force && this.#isFile && platform().fileModes) fchmodSync(this.#fd, MODE);
  }

  /** Whether the file has been removed, so that nobody can read it, as far as that can be seen. */
  get isRemoved(): boolean {
    return this.#isFile && platform().linkCounts && fstatSync(this.#fd).nlink === 0;
  }

  /** Writes what is taken now and queues the rest. Throws system errors, and for a full queue. */
  write(bytes: Uint8Array): void {
    const rest = this.#queued > 0 ? bytes : this.#writeNow(bytes);
    if (rest.length === 0) return;
    this.#queue.push(rest);
    this.#queued += rest.length;
    if (this.#queued > MAX_QUEUED) throw new Error("its reader can't keep up");
    this.#timer ??= setTimeout(() => this.#retry(), RETRY_INTERVAL);
  }

  /** Writes the queue and closes. Rejects if the reader hasn't taken it within a second. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer); // A failure is this call's from now on.
    const deadline = performance.now() + FINISH_TIMEOUT;
    try {
      while (this.#queued > 0 && performance.now() < deadline) {
        this.#flush();
        if (this.#queued > 0) await sleep(RETRY_INTERVAL);
      }
      if (this.#queued > 0) throw new Error(`its reader left ${this.#queued} bytes`);
    } finally {
      this.close();
    }
  }

  /** Closes at once and drops the queue. */
  close(): void {
    clearTimeout(this.#timer);
    closeSync(this.#fd);
  }

  /** Removes the file, unless another one has replaced it. */
  remove(): void {
    const opened = fstatSync(this.#fd);
    const current = lstatSync(this.path, { throwIfNoEntry: false });
    if (current?.ino === opened.ino && current.dev === opened.dev) Deno.removeSync(this.path);
  }

  #retry(): void {
    this.#timer = undefined;
    try {
      this.#flush();
    } catch (error) {
      return this.fail(error as Error);
    }
    if (this.#queued > 0) this.#timer = setTimeout(() => this.#retry(), RETRY_INTERVAL);
  }

  #flush(): void {
    let at = 0;
    for (; at < this.#queue.length; at++) {
      const rest = this.#writeNow(this.#queue[at]!);
      this.#queued -= this.#queue[at]!.length - rest.length;
      this.#queue[at] = rest;
      if (rest.length > 0) break;
    }
    this.#queue.splice(0, at);
  }

  /** Writes as much as is taken without blocking, and returns the rest. */
  #writeNow(bytes: Uint8Array): Uint8Array {
    const piece = this.#isFile ? Infinity : platform().pipeBuf;
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest.subarray(0, piece)));
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
    }
    return rest;
  }
}

/** Opens with O_NONBLOCK: opening a FIFO without a reader would block. */
function open(path: string, force: boolean): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NONBLOCK = 0 } = constants;
  const flags = force ? O_TRUNC : O_EXCL;
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_NONBLOCK | flags, MODE);
  } catch (error) {
    throw creationError(path, error as Error, reasonOf(path, error as Error));
  }
}

function reasonOf(path: string, error: Error & { code?: string }): string {
  if (error.code === "ENXIO" && statSync(path).isFIFO()) return "nobody reads from this FIFO";
  return reasonOfMaking(path, error);
}
