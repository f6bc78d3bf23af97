/**
 * The last lines of a room, in their order, for those who come in: so many of them, and so much,
 * and of all rooms together no more than a budget.
 */
import { Budget, type Holder } from "../core/budget.ts";
import type { Announcement } from "./protocol/news.ts";

/** What one room remembers at most, characters of its lines. */
const LIMIT = 4 * 1024 * 1024;

/** What all rooms of the process remember together, characters: 64 Mi. */
const memories = new Budget(16 * LIMIT);

export class History implements Iterable<Announcement>, Holder {
  readonly #lines: Announcement[] = [];
  #size = 0;

  /** @param most How many lines are remembered. */
  constructor(private readonly most: number, private readonly budget = memories) {}

  get held(): number {
    return this.#size;
  }

  /** A line that is said now. */
  add(said: Announcement): void {
    this.#insert(this.#lines.length, said);
  }

  /** A past line that is only learned now stands before what was said meanwhile. */
  addPast(said: Announcement): void {
    const before = this.#lines.findLastIndex(({ news }) => news.time <= said.news.time);
    this.#insert(before + 1, said);
  }

  /**
   * A line that was shown ahead has got its place in the order: behind all that has come so far.
   */
  settle(id: string): void {
    const place = this.#lines.findIndex(({ news }) => news.id === id);
    if (place >= 0) this.#lines.push(...this.#lines.splice(place, 1));
  }

  /** Forgets the older half. */
  evict(): void {
    this.#forget(Math.ceil(this.#lines.length / 2));
  }

  /** Forgets all. */
  clear(): void {
    this.#forget(this.#lines.length);
  }

  [Symbol.iterator](): Iterator<Announcement> {
    return this.#lines.values();
  }

  #insert(place: number, said: Announcement): void {
    this.#lines.splice(place, 0, said);
    this.#count(said.line.length);
    while (this.#lines.length > this.most || this.#size > LIMIT) this.#forget(1);
  }

  #forget(count: number): void {
    const forgotten = this.#lines.splice(0, count);
    this.#count(-forgotten.reduce((sum, { line }) => sum + line.length, 0));
  }

  #count(change: number): void {
    this.#size += change;
    this.budget.changed(this, change);
  }
}
