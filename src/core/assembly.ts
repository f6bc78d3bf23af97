/**
 * Messages that come in pieces, each put together in place: what a piece costs is its bytes,
 * however small it is, and memory grows with what has come, not with what was announced.
 */
import { Budget, type Holder } from "./budget.ts";
import { concat } from "./bytes.ts";

const KiB = 1024;
/** Bytes of a beginning that don't count: there are as many of them as there are connections. */
const FREE = 64 * KiB;
/**
 * Memory of up to this size is moved to grow; a longer message is joined once, at its end, bytes.
 */
const LARGE = 1024 * KiB;

const NOTHING = new Uint8Array();

/** What all messages of the process that aren't whole yet may take together: 256 MiB. */
const assemblies = new Budget(256 * KiB * KiB);

/**
 * Shares memory with all other messages of the process.
 *
 * @param maxMessage One that is as long as this may be had, however much that is.
 * @param refuse Gets to know why its message was given up, and says with which error.
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
  /**
   * Its bytes have been given up for others: the message can't be had any more. The error is thrown
   * to whoever brings the rest of it.
   */
  evicted(): Error;
}

export class Assembly implements Holder {
  /** Memory that is filled, in order. */
  #full: Uint8Array[] = [];
  /** Memory that is being filled, and how far. */
  #chunk: Uint8Array = NOTHING;
  #filled = 0;
  #length = 0;
  #capacity = 0;
  /** Bytes that are counted. */
  #held = 0;
  #refusal: Error | undefined;

  /** @param sharing Without it, memory is the caller's own affair. */
  constructor(private readonly sharing?: Sharing) {}

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  get held(): number {
    return this.#held;
  }

  /** Appends a copy of `piece`. */
  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const room = this.room(piece.length - at);
      room.set(piece.subarray(at, at + room.length));
      this.filled(room.length);
      at += room.length;
    }
  }

  /**
   * Free memory at the end, at least one byte of it, for some of the `expected` bytes that are to
   * come next; `filled` then says how many have come. Throws once this has been evicted, which
   * making room can do.
   */
  room(expected: number): Uint8Array {
    if (this.#filled === this.#chunk.length) this.#grow(expected);
    if (this.#refusal) throw this.#refusal;
    return this.#chunk.subarray(this.#filled, this.#filled + expected);
  }

  /** Takes note of bytes that have been put where there was room. Throws as `room` does. */
  filled(count: number): void {
    if (this.#refusal) throw this.#refusal;
    this.#filled += count;
    this.#length += count;
  }

  /** All bytes, to keep; nothing is left. */
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

  /** More memory: small memory by moving, large memory beside what there is. */
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

/** Gives memory back at once, not when garbage is collected. Nobody may be reading into it. */
function free({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
}
