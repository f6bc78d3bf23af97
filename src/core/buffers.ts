/**
 * Read buffers that fit their connection: small while it is quiet, large while it is busy, and
 * bounded in sum, so that neither thousands of idle connections nor many stalled ones pile up.
 */

const KiB = 1024;

/** Sizes that a buffer steps through; idle connections pay for the first. */
const SIZES = [2 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, 1024 * KiB] as const;
/** Step of the largest size that is always granted; beyond it, buffers share a budget. */
const FREE_STEP = 2;
const FREE_SIZE = SIZES[FREE_STEP];

/** One connection's read buffer. */
export interface Lease {
  /** The buffer for the next read; another one after `fit`. */
  readonly bytes: Uint8Array;
  /**
   * Adapts the size to a read that returned `count` bytes. One that did not fill a large buffer has
   * emptied the connection: the next will wait, and what waits holds no share of the budget.
   */
  fit(count: number): void;
  /**
   * Gives the buffer back to the budget. No other connection ever gets these bytes: the runtime may
   * still be reading from them, for a write that a stalled peer has kept from ending.
   */
  release(): void;
}

/** Hands out read buffers under one budget. */
export class BufferPool {
  #large = 0;
  readonly #spare: Uint8Array[] = [];

  /** @param budget Bytes that all buffers over 64 KiB may take together. */
  constructor(readonly budget: number = 16 * 1024 * KiB) {}

  /** A buffer of the smallest size. */
  lease(): Lease {
    return new PooledLease(this);
  }

  /** Takes back `held` for a buffer of `size` bytes, unless that is over the budget. */
  exchange(held: Uint8Array, size: number): Uint8Array | undefined {
    const large = this.#large - counted(held.length) + counted(size);
    if (counted(size) > 0 && large > this.budget) return undefined;
    this.#large = large;
    if (counted(held.length) > 0 && this.#spare.length < 4) this.#spare.push(held);
    const spare = this.#spare.findIndex((bytes) => bytes.length === size);
    return spare < 0 ? new Uint8Array(size) : this.#spare.splice(spare, 1)[0];
  }

  /** Counts `held` no longer, and never hands it to anyone. */
  forget(held: Uint8Array): void {
    this.#large -= counted(held.length);
  }
}

class PooledLease implements Lease {
  #step = 0;
  #bytes: Uint8Array = new Uint8Array(SIZES[0]);

  constructor(private readonly pool: BufferPool) {}

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  fit(count: number): void {
    const size = this.#bytes.length;
    if (count === size) this.#resize(Math.min(this.#step + 1, SIZES.length - 1));
    else if (this.#step > FREE_STEP) this.#resize(FREE_STEP);
    else if (count * 16 < size) this.#resize(Math.max(this.#step - 1, 0));
  }

  release(): void {
    this.pool.forget(this.#bytes);
  }

  /** Stays as it is where the budget doesn't allow more. */
  #resize(step: number): void {
    if (step === this.#step) return;
    const bytes = this.pool.exchange(this.#bytes, SIZES[step]!);
    if (!bytes) return;
    this.#step = step;
    this.#bytes = bytes;
  }
}

/** What a buffer of `size` bytes takes from the budget. */
function counted(size: number): number {
  return size > FREE_SIZE ? size : 0;
}

/** The process's pool. */
export const buffers = new BufferPool();
