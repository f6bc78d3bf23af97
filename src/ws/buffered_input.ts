/** A stream that is read ahead as far as its next header needs, and no further than one read. */
import { buffers } from "../core/buffers.ts";
import type { Duplex } from "../core/duplex.ts";

export class BufferedInput {
  readonly #lease = buffers.lease();
  /** Where the bytes that wait stand in the lease's buffer. */
  #start = 0;
  #end = 0;

  constructor(private readonly source: Duplex) {}

  /** Bytes that have been read and not been taken. */
  get waiting(): number {
    return this.#end - this.#start;
  }

  /** A byte that waits. */
  peek(at: number): number {
    return this.#lease.bytes[this.#start + at]!;
  }

  /** The next `count` bytes that wait; they are valid until more is read. */
  take(count: number): Uint8Array {
    return this.#lease.bytes.subarray(this.#start, this.#start += count);
  }

  /** Reads until at least `count` bytes wait, 1 KiB at most. False at the stream's end. */
  async fill(count: number): Promise<boolean> {
    while (this.waiting < count) {
      const lease = this.#lease;
      if (this.#start === this.#end) {
        lease.fit(this.#end);
        this.#start = this.#end = 0;
      } else if (lease.bytes.length - this.#start < count) {
        lease.bytes.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const read = await this.read(lease.bytes.subarray(this.#end));
      if (read === null) return false;
      this.#end += read;
    }
    return true;
  }

  /**
   * Reads past what waits, of which nothing may be left, right into `buffer`, as a `Duplex` does.
   */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.source.read(buffer);
  }

  /** Reads and drops whatever still comes, until the stream's end. */
  async drain(): Promise<void> {
    while (await this.source.read(this.#lease.bytes) !== null);
  }

  /** Gives the buffer back. Nothing may be under way. */
  release(): void {
    this.#lease.release();
  }
}
