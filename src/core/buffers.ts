/**
 * Read buffers that fit their connection: small while it is quiet, large while it is busy. Large
 * ones have to get a share of a budget.
 */
import { LARGEST, Share, Shares } from "./buffer_shares.ts";

const KiB = 1024;

/** Sizes that a buffer steps through; an idle connection has the smallest. */
const SIZES = [KiB, 16 * KiB, 64 * KiB, 256 * KiB, LARGEST] as const;
/** Index of the largest size that is always granted; larger buffers share a budget. */
const FREE_STEP = 2;
/** What large buffers that nobody has may take until they are lent again, bytes. */
const MAX_SPARE = 16 * LARGEST;
/** How many buffers of the smallest size are kept to be lent again. */
const MAX_SPARE_SMALL = 256;

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
   * Gives the buffer's share back to the budget.
   *
   * @param isUnused Whether every read and write is over. Otherwise the buffer is never lent again:
   *   a write that a stalled peer holds up may still be reading from it.
   */
  release(isUnused?: boolean): void;
}

/** Lends read buffers, large ones under one budget. */
export class BufferPool {
  readonly #spare: Uint8Array[] = [];
  #spareSize = 0;
  readonly #spareSmall: Uint8Array[] = [];

  /** @param shares What its large buffers may take together. */
  constructor(readonly shares: Shares = new Shares()) {}

  /** A buffer of the smallest size. */
  lease(): Lease {
    return new PooledLease(this, this.#spareSmall.pop() ?? new Uint8Array(SIZES[0]));
  }

  /** Takes back a buffer that isn't large, to be lent again where it is one of the smallest. */
  keep(own: Uint8Array): void {
    const isSmall = own.length === SIZES[0];
    if (isSmall && this.#spareSmall.length < MAX_SPARE_SMALL) this.#spareSmall.push(own);
  }

  /** A large buffer, for which there is a share. */
  take(size: number): Uint8Array {
    const at = this.#spare.findIndex((bytes) => bytes.length === size);
    if (at < 0) return new Uint8Array(size);
    this.#spareSize -= size;
    return this.#spare.splice(at, 1)[0]!;
  }

  /** Takes back a large buffer, to be lent again. */
  giveBack(held: Uint8Array): void {
    this.#spare.push(held);
    this.#spareSize += held.length;
    while (this.#spareSize > Math.min(MAX_SPARE, this.shares.budget)) {
      this.#spareSize -= this.#spare.shift()!.length;
    }
  }
}

class PooledLease implements Lease {
  #step = 0;
  #wasSmall = false;
  /** Bytes that have been read. */
  #carried = 0;
  /** Buffer outside of the budget, at most 64 KiB; kept while a large one is lent. */
  #own: Uint8Array;
  #large: Uint8Array | undefined;
  #share: Share | undefined;

  constructor(private readonly pool: BufferPool, own: Uint8Array) {
    this.#own = own;
  }

  get bytes(): Uint8Array {
    return this.#large ?? this.#own;
  }

  fit(count: number): void {
    this.#carried += count;
    const size = this.bytes.length;
    const small = count * 16 < size;
    // A message slightly longer than the smallest size takes a full read and a small one each
    // time. Only two small reads in a row show that the connection is quiet.
    const quiet = small && (this.#step > 1 || this.#wasSmall);
    this.#wasSmall = small;
    const isFull = count === size;
    if (this.#large && !(isFull && this.pool.shares.moved(this.#share!))) this.#shrink(FREE_STEP);
    else if (isFull) this.#grow(Math.min(this.#step + 1, SIZES.length - 1));
    else if (quiet) this.#shrink(Math.max(this.#step - 1, 0));
  }

  release(isUnused = false): void {
    if (this.#share) this.pool.shares.release(this.#share);
    this.#large = undefined;
    if (isUnused) this.pool.keep(this.#own);
  }

  /** Keeps the size where the budget doesn't allow a larger one. */
  #grow(step: number): void {
    if (step === this.#step) return;
    const size = SIZES[step]!;
    if (step <= FREE_STEP) this.#own = new Uint8Array(size);
    else {
      this.#share ??= new Share();
      if (!this.pool.shares.grow(this.#share, size, this.#carried)) return;
      if (this.#large) this.pool.giveBack(this.#large);
      this.#large = this.pool.take(size);
    }
    this.#step = step;
  }

  #shrink(step: number): void {
    if (step === this.#step) return;
    if (this.#large) {
      this.pool.shares.release(this.#share!);
      this.pool.giveBack(this.#large);
      this.#large = undefined;
    } else this.#own = new Uint8Array(SIZES[step]!);
    this.#step = step;
  }
}

/** The process's pool. */
export const buffers = new BufferPool();
