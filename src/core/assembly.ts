/**
 * Puts messages together that arrive in pieces. A piece costs no more than its bytes, however small
 * it is, and memory grows with what has been received, not with what was announced.
 */
import { Budget, type Holder } from "./budget.ts";
import { concat } from "./bytes.ts";

const KiB = 1024;
/** Bytes of each message that the budget doesn't count: connections are limited in number. */
const FREE = 64 * KiB;
/** Largest chunk that is copied to grow, bytes. A longer message is joined once, at its end. */
const LARGE = 1024 * KiB;

const NOTHING = new Uint8Array();

/** Bytes that all unfinished messages of the process may take together. */
const assemblies = new Budget(256 * KiB * KiB);

/**
 * Shares memory with all other messages of the process.
 *
 * @param maxMessage Bytes that one message may have: the budget is raised to allow it.
 * @param refuse Makes the error for an evicted message, from the reason.
 */
export function shareWithAll(maxMessage: number, refuse: (why: string) => Error): Sharing {
  assemblies.allow(maxMessage + LARGE);
  const evicted = () => {
    const limit = Math.round(assemblies.limit / KiB / KiB);
    return refuse(
      `all messages that aren't whole yet take over ${limit} MiB, and this one the most`,
    );
  };
  return { budget: assemblies, evicted };
}

/** How an assembly shares memory with the others. */
export interface Sharing {
  readonly budget: Budget;
  /** Makes the error that is thrown to whoever adds to a message whose bytes were evicted. */
  evicted(): Error;
}

export class Assembly implements Holder {
  /** Full chunks, in order. */
  #full: Uint8Array[] = [];
  /** The chunk that is being filled, up to `#filled`. */
  #chunk: Uint8Array = NOTHING;
  #filled = 0;
  #length = 0;
  #capacity = 0;
  /** Bytes that the budget counts. */
  #held = 0;
  #refusal: Error | undefined;

  /** @param sharing Without it, no budget counts the memory. */
  constructor(private readonly sharing?: Sharing) {}

  /** Bytes received so far. */
  get length(): number {
    return this.#length;
  }

  get held(): number {
    return this.#held;
  }

  /** Appends a copy of `piece`. */
  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const space = this.room(piece.length - at);
      space.set(piece.subarray(at, at + space.length));
      this.filled(space.length);
      at += space.length;
    }
  }

  /**
   * Free memory at the end for some of the next `expected` bytes, at least one of them. Report what
   * was written there with `filled`. Throws once this is evicted, which growing can cause.
   */
  room(expected: number): Uint8Array {
    if (this.#filled === this.#chunk.length) this.#grow(expected);
    if (this.#refusal) throw this.#refusal;
    return this.#chunk.subarray(this.#filled, this.#filled + expected);
  }

  /** Appends the first `count` bytes that were written to `room`. Throws as `room` does. */
  filled(count: number): void {
    if (this.#refusal) throw this.#refusal;
    this.#filled += count;
    this.#length += count;
  }

  /** Returns all bytes, which are the caller's to keep, and empties the assembly. */
  take(): Uint8Array {
    const last = this.#chunk.subarray(0, this.#filled);
    const all = this.#full.length === 0 ? last : concat([...this.#full, last]);
    this.drop();
    return all;
  }

  /** Forgets all bytes. */
  drop(): void {
    this.#full.forEach(free);
    this.#full = [];
    this.#chunk = NOTHING;
    this.#filled = this.#length = this.#capacity = 0;
    this.#count();
  }

  evict(): void {
    this.drop();
    this.#refusal = this.sharing!.evicted();
  }

  /** Adds memory: copies a small chunk to a larger one, begins a new chunk after a large one. */
  #grow(expected: number): void {
    const size = this.#chunk.length;
    if (size < LARGE && this.#full.length === 0) {
      const wanted = Math.min(size + expected, Math.max(FREE, 4 * size));
      const larger = new Uint8Array(Math.min(LARGE, Math.max(2 * size, wanted)));
      larger.set(this.#chunk);
      this.#capacity += larger.length - size;
      this.#chunk = larger;
    } else {
      this.#full.push(this.#chunk);
      this.#chunk = new Uint8Array(Math.min(LARGE, Math.max(FREE, expected)));
      this.#capacity += this.#chunk.length;
      this.#filled = 0;
    }
    this.#count();
  }

  #count(): void {
    const held = Math.max(0, this.#capacity - FREE);
    const change = held - this.#held;
    this.#held = held;
    if (change !== 0) this.sharing?.budget.changed(this, change);
  }
}

/** Frees memory now instead of at garbage collection. No read into it may be pending. */
function free({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
}
