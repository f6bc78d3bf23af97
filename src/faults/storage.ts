/** Memory for what waits in faults: some for each, and a store that all share. */

/** Bytes that each may keep without asking: so little that thousands may. */
const FREE = 64 * 1024;
/** Bytes that one may keep at most. */
const LARGEST = 32 * 1024 * 1024;
/** Bytes counted for a piece besides its data, so that empty messages are bounded too. */
const OVERHEAD = 256;

export class Storage {
  #taken = 0;

  /** @param limit Bytes over their free ones that all may keep together. */
  constructor(private readonly limit: number) {}

  /** Changes the sum. Returns false, and leaves it, where it would exceed the limit. */
  change(bytes: number): boolean {
    if (bytes > 0 && this.#taken + bytes > this.limit) return false;
    this.#taken += bytes;
    return true;
  }
}

/** The process's store: thousands of stalled connections take no more than this. */
const shared = new Storage(256 * 1024 * 1024);

/** What one fault keeps. */
export class Share {
  #held = 0;

  constructor(private readonly storage: Storage = shared) {}

  /** Takes space for a piece of `size` bytes, and returns whether there is some. */
  take(size: number): boolean {
    const held = this.#held + size + OVERHEAD;
    if (held > LARGEST || !this.storage.change(over(held) - over(this.#held))) return false;
    this.#held = held;
    return true;
  }

  /** Gives the space of such a piece back. */
  give(size: number): void {
    const held = this.#held - size - OVERHEAD;
    this.storage.change(over(held) - over(this.#held));
    this.#held = held;
  }

  /** Gives all back. */
  clear(): void {
    this.storage.change(-over(this.#held));
    this.#held = 0;
  }
}

function over(held: number): number {
  return Math.max(0, held - FREE);
}
