/**
 * Read buffers that fit their connection: small while it is quiet, large while it is busy, and
 * bounded in sum, so that neither thousands of idle connections nor many stalled ones pile up.
 */

const KiB = 1024;

/** Sizes that a buffer steps through: ×4 each. */
const SIZES = [4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, 1024 * KiB] as const;
/** Largest size that is always granted; beyond it, buffers share a budget. */
const FREE_SIZE = 64 * KiB;

/** One connection's read buffer. `bytes` changes between reads; don't keep it. */
export interface Lease {
  readonly bytes: Uint8Array;
  /** Adapts the size to a read that returned `count` bytes. */
  fit(count: number): void;
  /** Gives the buffer back. */
  release(): void;
}

/** Hands out read buffers under one budget. */
export class BufferPool {
  #large = 0;
  readonly #spare: Uint8Array[] = [];

  /** @param budget Bytes that all buffers over 64 KiB may take together. */
  constructor(readonly budget: number = 16 * 1024 * KiB) {}

  lease(): Lease {
    const allocate = this.#allocate.bind(this);
    const release = this.#release.bind(this);
    let step = 0;
    let bytes = allocate(SIZES[0])!;

    const resize = (to: number) => {
      release(bytes);
      const next = allocate(SIZES[to]!);
      // Over budget: stay at the largest size that is free of it.
      step = next ? to : SIZES.indexOf(FREE_SIZE);
      bytes = next ?? allocate(FREE_SIZE)!;
    };

    return {
      get bytes() {
        return bytes;
      },
      fit(count) {
        if (count === bytes.length) {
          if (step < SIZES.length - 1) resize(step + 1);
        } else if (step > 0 && count * 16 < bytes.length) {
          resize(step - 1);
        }
      },
      release: () => release(bytes),
    };
  }

  #allocate(size: number): Uint8Array | undefined {
    if (size <= FREE_SIZE) return new Uint8Array(size);
    const spare = this.#spare.findIndex((b) => b.length === size);
    if (spare >= 0) {
      this.#large += size;
      return this.#spare.splice(spare, 1)[0];
    }
    if (this.#large + size > this.budget) return undefined;
    this.#large += size;
    return new Uint8Array(size);
  }

  #release(bytes: Uint8Array): void {
    if (bytes.length <= FREE_SIZE) return;
    this.#large -= bytes.length;
    if (this.#spare.length < 4) this.#spare.push(bytes);
  }
}

/** The process's pool. */
export const buffers = new BufferPool();
