/** A stream with a buffer: reads ahead by one read at most, to complete a header. */
import { buffers } from "../core/buffers.ts";
import type { Duplex } from "../core/duplex.ts";

export class BufferedInput {
  readonly #lease = buffers.lease();
  /** Range of the buffered bytes in the lease. */
  #start = 0;
  #end = 0;

  constructor(private readonly source: Duplex) {}

  /** Number of bytes that have been read and not been taken. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** The buffered byte at index `at`. */
  peek(at: number): number {
    return this.#lease.bytes[this.#start + at]!;
  }

  /** The next `count` buffered bytes, which stay in the buffer. */
  look(count: number): Uint8Array {
    return this.#lease.bytes.subarray(this.#start, this.#start + count);
  }

  /** Takes the next `count` buffered bytes; they are valid until the next read. */
  take(count: number): Uint8Array {
    return this.#lease.bytes.subarray(this.#start, this.#start += count);
  }

  /** Reads until `count` bytes, 1 KiB at most, are buffered. False at EOF. */
  async fill(count: number): Promise<boolean> {
    while (this.buffered < count) {
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

  /** Reads into `buffer` as a `Duplex` does. Nothing may be buffered. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.source.read(buffer);
  }

  /** Reads and drops everything up to EOF. */
  async drain(): Promise<void> {
    while (await this.source.read(this.#lease.bytes) !== null);
  }

  /** Frees the buffer. No read may be pending. */
  release(): void {
    this.#lease.release();
  }
}
