/**
 * Read buffers that fit their connection: small while it is quiet, large while it is busy, and
 * bounded in sum, so that neither thousands of idle connections nor many stalled ones pile up.
 */

const KiB = 1024;

/** Sizes that a buffer steps through; idle connections pay for the first. */
const SIZES = [KiB, 16 * KiB, 64 * KiB, 256 * KiB, 1024 * KiB] as const;
/** Step of the largest size that is always granted; beyond it, buffers share a budget. */
const FREE_STEP = 2;
const FREE_SIZE = SIZES[FREE_STEP];

/** One connection's read buffer. */
interface Lease {
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

  /** Takes back `held`, if there is one, for a buffer of `size` bytes, unless that is too much. */
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

  /** Takes back a large buffer for whoever needs one next. */
  giveBack(held: Uint8Array): void {
    this.#lent -= held.length;
    this.#spare.push(held);
  }

  /** Counts `held` no longer, and never hands it to anyone. */
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
  /** The buffer of one's own, at most 64 KiB; kept beside a large one, to come back to. */
  #own: Uint8Array = new Uint8Array(SIZES[0]);
  #large: Uint8Array | undefined;

  constructor(private readonly pool: BufferPool) {}

  get bytes(): Uint8Array {
    return this.#large ?? this.#own;
  }

  fit(count: number): void {
    const size = this.bytes.length;
    const small = count * 16 < size;
    // A message that is a little too long for the smallest size comes in two reads, again and
    // again: only a second small one shows that it has become quiet.
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

  /** Stays as it is where the budget doesn't allow more. */
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
