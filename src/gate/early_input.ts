/** What a visitor sends before it is taken. */
import { deadline } from "../core/deadlines.ts";
import type { Duplex } from "../core/duplex.ts";
import { ResetError } from "../core/errors.ts";
import { DuplexWrapper } from "../wrap/wrapper.ts";

/** Bytes that are read early; what comes after them waits in the visitor's socket. */
const SIZE = 4096;
/** Time between two looks at the socket of a visitor that has sent more, milliseconds. */
const LOOK_INTERVAL = 1000;

/**
 * A connection that is read before anybody wants its bytes, for a reset shows only to who reads.
 * What arrives is kept, and read first. EOF is kept as well: a visitor that is done sending may
 * still wait for its answer.
 */
export class EarlyInput extends DuplexWrapper {
  /** Resolves with why the connection broke off, if it does before it is read by somebody else. */
  readonly broken: Promise<Error>;
  #buffer: Uint8Array | undefined = new Uint8Array(SIZE);
  /** Kept are the bytes of the buffer from `start` to `end`. */
  #start = 0;
  #end = 0;
  #wanted = false;
  readonly #early: Promise<void>;
  #stopWatching = () => {};

  constructor(inner: Duplex, private readonly lookInterval = LOOK_INTERVAL) {
    super(inner);
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.broken = promise;
    this.#early = this.#readEarly();
    this.#early.then(() => {
      if (this.#end === SIZE) this.#watch(resolve);
    }, resolve);
  }

  override read(buffer: Uint8Array): Promise<number | null> {
    return this.#buffer ? this.#readKept(this.#buffer, buffer) : this.inner.read(buffer);
  }

  /** Reads until the buffer is full, at EOF, or until somebody else wants to read. */
  async #readEarly(): Promise<void> {
    const buffer = this.#buffer!;
    while (!this.#wanted && this.#end < buffer.length) {
      const count = await this.inner.read(buffer.subarray(this.#end));
      if (count === null) return;
      this.#end += count;
    }
  }

  /**
   * Looks for a reset without reading: what a connected socket has unsent is known, and of one that
   * was reset nothing is.
   */
  #watch(broken: (why: Error) => void): void {
    if (this.#wanted || !this.inner.showsReset) return;
    if (this.inner.unsent === undefined) return broken(new ResetError("receive from", this.peer));
    this.#stopWatching = deadline(this.lookInterval, () => this.#watch(broken));
  }

  override close(reason?: Error): void {
    this.#stopWatching();
    super.close(reason);
  }

  async #readKept(kept: Uint8Array, buffer: Uint8Array): Promise<number | null> {
    this.#wanted = true;
    this.#stopWatching();
    // The read that is under way takes what comes next.
    if (this.#start === this.#end) await this.#early;
    if (this.#start === this.#end) {
      this.#buffer = undefined;
      return await this.inner.read(buffer);
    }
    const bytes = kept.subarray(this.#start, Math.min(this.#end, this.#start + buffer.length));
    buffer.set(bytes);
    this.#start += bytes.length;
    return bytes.length;
  }
}
