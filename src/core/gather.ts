/** Carries one direction to a sink that takes few long writes sooner than many short ones. */
import { type BufferPool, buffers } from "./buffers.ts";
import type { Duplex } from "./duplex.ts";
import { SinkError } from "./pump.ts";

/**
 * Carries every byte of `source` to `sink` as `pump` does, but reads on while a write is under way:
 * what arrives meanwhile is the next write. Reading stops where the buffer ends, until all of it is
 * written; and whatever ends the source, all that it sent before is written first.
 *
 * Resolves at the source's EOF. Rejects as the source does, or with a `SinkError`.
 */
export function gather(
  source: Duplex,
  sink: Pick<Duplex, "write">,
  pool: BufferPool = buffers,
): Promise<void> {
  return new Gathering(source, sink, pool).run();
}

class Gathering {
  readonly #lease;
  /** What has been read and isn't written yet: from `#start` to `#end` of the buffer. */
  #start = 0;
  #end = 0;
  /** Settles when all that has been read is written; undefined while nothing is being written. */
  #writing: Promise<void> | undefined;
  #failure: SinkError | undefined;
  #rejectRead = (_failure: SinkError) => {};

  constructor(
    private readonly source: Duplex,
    private readonly sink: Pick<Duplex, "write">,
    pool: BufferPool,
  ) {
    this.#lease = pool.lease();
  }

  async run(): Promise<void> {
    let isUnused = false;
    try {
      await this.#carryAll();
      isUnused = this.source.freesBuffer === true;
    } catch (error) {
      await this.#writing; // What was sent before the end is to be delivered, or its loss told.
      throw this.#failure ?? error;
    } finally {
      this.#lease.release(isUnused);
    }
  }

  async #carryAll(): Promise<void> {
    for (;;) {
      await this.#makeRoom();
      const count = await this.#read();
      if (count === null) break;
      this.#end += count;
      if (count > 0) this.#writing ??= this.#write();
    }
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  async #makeRoom(): Promise<void> {
    if (this.#end === this.#lease.bytes.length) await this.#writing;
    if (this.#failure) throw this.#failure;
    if (this.#start < this.#end || this.#end === 0) return;
    this.#lease.fit(this.#end);
    this.#start = this.#end = 0;
  }

  /** Rejects also when a write fails meanwhile: the source may send nothing for long. */
  #read(): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#rejectRead = reject;
      this.source.read(this.#lease.bytes.subarray(this.#end)).then(resolve, reject);
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#start < this.#end) {
        const end = this.#end;
        await this.sink.write(this.#lease.bytes.subarray(this.#start, end));
        this.#start = end;
      }
    } catch (error) {
      this.#failure = new SinkError(error as Error);
      this.#rejectRead(this.#failure);
    }
    this.#writing = undefined;
  }
}
