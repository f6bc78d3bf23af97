/**
 * Read buffers that fit their connection: small while it is quiet, large while it is busy. The sum
 * of large ones is bounded, so that many stalled connections take no more memory than a few.
 */

const KiB = 1024;

/** Sizes that a buffer steps through; an idle connection has the smallest. */
const SIZES = [KiB, 16 * KiB, 64 * KiB, 256 * KiB, 1024 * KiB] as const;
/** Index of the largest size that is always granted; larger buffers share a budget. */
const FREE_STEP = 2;
const FREE_SIZE = SIZES[FREE_STEP];

/** One connection's read buffer. */
interface Lease {
  /** The buffer for the next read. `fit` may replace it. */
  readonly bytes: Uint8Array;
  /**
   * Adapts the size to a read that returned `count` bytes. A read that doesn't fill a large buffer
   * has emptied the connection. The next one will wait, so the buffer goes back to the budget.
   */
  fit(count: number): void;
  /**
   * Gives the buffer's share back to the budget. The buffer is never lent again: a write that a
   * stalled peer holds up may still be reading from it.
   */
  release(): void;
}

/** Lends large read buffers under one budget. */
export class BufferPool {
  #lent = 0;
  readonly #spare: Uint8Array[] = [];

  /** @param budget Bytes that all buffers over 64 KiB may take together, lent or spare. */
  constructor(readonly budget: number = 16 * 1024 * KiB) {}

  /** A buffer of the smallest size. */
  lease(): Lease {
    return new PooledLease(this);
  }

  /**
   * Exchanges `held`, if there is one, for a buffer of `size` bytes. Undefined where the budget
   * doesn't allow it.
   */
  exchange(held: Uint8Array | undefined, size: number): Uint8Array | undefined {
    const lent = this.#lent - (held?.length ?? 0) + size;
    if (lent > this.budget) return undefined;
    this.#lent = lent;
    if (held) this.#spare.push(held);
    const spare = this.#spare.findIndex((bytes) => bytes.length === size);
    const bytes = spare < 0 ? new Uint8Array(size) : this.#spare.splice(spare, 1)[0];
    this.#trim();
    return bytes;
  }

  /** Takes back a large buffer, to be lent again. */
  giveBack(held: Uint8Array): void {
    this.#lent -= held.length;
    this.#spare.push(held);
  }

  /** Takes `held` off the budget without lending it again. */
  forget(held: Uint8Array): void {
    this.#lent -= held.length;
  }

  #trim(): void {
    let sum = this.#spare.reduce((all, { length }) => all + length, this.#lent);
    while (sum > this.budget) sum -= this.#spare.shift()!.length;
  }
}

class PooledLease implements Lease {
  #step = 0;
  #wasSmall = false;
  /** Buffer outside of the budget, at most 64 KiB; kept while a large one is lent. */
  #own: Uint8Array = new Uint8Array(SIZES[0]);
  #large: Uint8Array | undefined;

  constructor(private readonly pool: BufferPool) {}

  get bytes(): Uint8Array {
    return this.#large ?? this.#own;
  }

  fit(count: number): void {
    const size = this.bytes.length;
    const small = count * 16 < size;
    // A message slightly longer than the smallest size takes a full read and a small one each
    // time. Only two small reads in a row show that the connection is quiet.
    const quiet = small && (this.#step > 1 || this.#wasSmall);
    this.#wasSmall = small;
    if (count === size) this.#resize(Math.min(this.#step + 1, SIZES.length - 1));
    else if (this.#step > FREE_STEP) this.#resize(FREE_STEP);
    else if (quiet) this.#resize(Math.max(this.#step - 1, 0));
  }

  release(): void {
    if (this.#large) this.pool.forget(this.#large);
    this.#large = undefined;
  }

  /** Keeps the size where the budget doesn't allow a larger one. */
  #resize(step: number): void {
    if (step === this.#step) return;
    const size = SIZES[step]!;
    if (size > FREE_SIZE) {
      const larger = this.pool.exchange(this.#large, size);
      if (!larger) return;
      this.#large = larger;
    } else if (this.#large) {
      this.pool.giveBack(this.#large);
      this.#large = undefined;
    } else {
      this.#own = new Uint8Array(size);
    }
    this.#step = step;
  }
}

/** The process's pool. */
export const buffers = new BufferPool();
