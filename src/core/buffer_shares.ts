/**
 * Who may have a large read buffer. Memory is shared by what moves, not by what is open:
 *
 * - all buffers that move have one budget, and of it those of the largest size have a part;
 * - one that hasn't moved for a second (its reader is stalled) counts against a small part of its
 *   own, so that its budget goes to those that move; it is taken back once it moves again;
 * - the largest size is for connections that have moved more than two systems' socket buffers
 *   usually swallow, so that somebody is known to read.
 */
import { LinkedList, type Place } from "./linked_list.ts";

const MiB = 2 ** 20;

/** Least and most memory for buffers that move, and their part of a machine's memory. */
const LEAST_BUDGET = 16 * MiB;
const MOST_BUDGET = 256 * MiB;
const PART_OF_MEMORY = 64;
/** The part of the budget that buffers may take beside it while they don't move. */
const STALLED_PART = 4;
/** Time without a read after which a buffer doesn't move, milliseconds. */
const STALL_TIME = 1000;

/** The largest size, bytes. */
export const LARGEST = MiB;
/** What buffers of that size may take of the budget, bytes. */
const LARGEST_BUDGET = 16 * MiB;
/** What a connection has moved before its buffer gets that size, bytes. */
const PROVEN = 16 * MiB;

/** What large buffers may take on a machine with so much memory, bytes. */
export function budgetFor(memory: number): number {
  return Math.min(Math.max(memory / PART_OF_MEMORY, LEAST_BUDGET), MOST_BUDGET);
}

/** The share of one buffer. */
export class Share {
  /** Bytes; 0 for none. */
  size = 0;
  /** When it moved last, in milliseconds of the clock. */
  movedAt = 0;
  /** Whether it counts against the part of those that don't move. */
  isStalled = false;
  /** Its place among those that move. */
  place: Place<Share> | undefined;
}

/** Shares buffers' memory out. */
export class Shares {
  /** Those that move, the one that moved least recently first. */
  readonly #moving = new LinkedList<Share>();
  #moved = 0;
  #largest = 0;
  #stalled = 0;

  /** @param budget Bytes that all shares that move may have together. */
  constructor(
    public budget: number = LEAST_BUDGET,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Makes `share` as large as `size`, for a connection that has carried so many bytes. False, and
   * the share stays, where that isn't allowed.
   */
  grow(share: Share, size: number, carried: number): boolean {
    if (size === LARGEST && carried < PROVEN) return false;
    const held = share.size;
    this.release(share);
    const isAllowed = this.#fits(size);
    this.#add(share, isAllowed ? size : held);
    return isAllowed;
  }

  /** Records that `share` has moved. False, and it has none any more, where it stalled too long. */
  moved(share: Share): boolean {
    const { size } = share;
    if (share.isStalled && !this.#fits(size)) {
      this.release(share);
      return false;
    }
    this.release(share);
    this.#add(share, size);
    return true;
  }

  /** Takes `share` back: nothing is left of it. */
  release(share: Share): void {
    this.#count(share, -share.size);
    share.place?.remove();
    share.size = 0;
    share.isStalled = false;
  }

  #add(share: Share, size: number): void {
    if (size === 0) return;
    share.size = size;
    share.movedAt = this.now();
    share.place = this.#moving.add(share);
    this.#count(share, size);
  }

  #fits(size: number): boolean {
    if (this.#hasRoom(size)) return true;
    this.#setStalledAside();
    return this.#hasRoom(size);
  }

  #hasRoom(size: number): boolean {
    return this.#moved + size <= this.budget &&
      (size < LARGEST || this.#largest + size <= LARGEST_BUDGET);
  }

  #setStalledAside(): void {
    const latest = this.now() - STALL_TIME;
    for (let share; (share = this.#moving.first?.item);) {
      const isFull = this.#stalled + share.size > this.budget / STALLED_PART;
      if (share.movedAt > latest || isFull) return;
      this.#count(share, -share.size);
      share.place!.remove();
      share.isStalled = true;
      this.#count(share, share.size);
    }
  }

  #count({ size, isStalled }: Share, change: number): void {
    if (isStalled) this.#stalled += change;
    else {
      this.#moved += change;
      if (size === LARGEST) this.#largest += change;
    }
  }
}
