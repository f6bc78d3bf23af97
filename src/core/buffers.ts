/**
 * Read buffers that fit their connection: small while it is quiet, large while it is busy, and
 * bounded in sum, so that neither thousands of idle connections nor many stalled ones pile up.
 */

const KiB = 1024;

/** Sizes that a buffer steps through: ×4 each. */
const SIZES = [4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, 1024 * KiB] as const;
/** Step of the largest size that is always granted; beyond it, buffers share a budget. */
const FREE_STEP = 2;
const FREE_SIZE = SIZES[FREE_STEP];

/** One connection's read buffer. `bytes` changes between reads; don't keep it. */
export interface Lease {
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

  lease(): Lease {
    const exchange = this.#exchange.bind(this);
    let step = 0;
    let bytes: Uint8Array = new Uint8Array(SIZES[0]);

    const resize = (to: number) => {
      const next = exchange(bytes, SIZES[to]!);
      if (!next) return; // Over budget: stay as large as it is.
      step = to;
      bytes = next;
    };

    return {
      get bytes() {
        return bytes;
      },
      fit(count) {
        if (count === bytes.length) {
          if (step < SIZES.length - 1) resize(step + 1);
        } else if (step > FREE_STEP) {
          resize(FREE_STEP);
        } else if (step > 0 && count * 16 < bytes.length) {
          resize(step - 1);
        }
      },
      release: () => {
        this.#large -= counted(bytes.length);
      },
    };
  }

  /** Takes back `held` for a buffer of `size` bytes, unless that is over the budget. */
  #exchange(held: Uint8Array, size: number): Uint8Array | undefined {
    const large = this.#large - counted(held.length) + counted(size);
    if (counted(size) > 0 && large > this.budget) return undefined;
    this.#large = large;
    if (counted(held.length) > 0 && this.#spare.length < 4) this.#spare.push(held);
    const spare = this.#spare.findIndex((bytes) => bytes.length === size);
    return spare < 0 ? new Uint8Array(size) : this.#spare.splice(spare, 1)[0];
  }
}

/** What a buffer of `size` bytes takes from the budget. */
function counted(size: number): number {
  return size > FREE_SIZE ? size : 0;
}

/** The process's pool. */
export const buffers = new BufferPool();
