/**
 * The last lines of a room, in their order, for new members. Their number and size are limited, and
 * all rooms of the process share a budget.
 */
import { Budget, type Holder } from "../core/budget.ts";
import type { Announcement } from "./protocol/news.ts";

/** Most characters of one room's lines. */
const LIMIT = 4 * 1024 * 1024;

/** The characters of all rooms of the process together: 64 Mi. */
const sharedBudget = new Budget(16 * LIMIT);

export class History implements Iterable<Announcement>, Holder {
  readonly #lines: Announcement[] = [];
  #size = 0;

  /**
   * @param maxLines How many lines are kept.
   * @param keep Called with each new line.
   */
  constructor(
    private readonly maxLines: number,
    private readonly budget = sharedBudget,
    private readonly keep: (line: Announcement) => void = () => {},
  ) {}

  get held(): number {
    return this.#size;
  }

  /** Appends a new line. */
  add(announcement: Announcement): void {
    this.#insertAt(this.#lines.length, announcement);
    this.keep(announcement);
  }

  /** Begins with lines of an earlier run. */
  restore(lines: readonly Announcement[]): void {
    for (const line of lines) this.#insertAt(this.#lines.length, line);
  }

  /** Inserts an older line by its time, before newer ones that arrived first. */
  addPast(announcement: Announcement): void {
    const previous = this.#lines.findLastIndex(({ news }) => news.time <= announcement.news.time);
    this.#insertAt(previous + 1, announcement);
  }

  /** Moves a line that was shown provisionally to the end: its order is known now. */
  confirm(id: string): void {
    const index = this.#lines.findIndex(({ news }) => news.id === id);
    if (index >= 0) this.#lines.push(...this.#lines.splice(index, 1));
  }

  /** Drops the older half, to free the shared budget. */
  evict(): void {
    this.#dropOldest(Math.ceil(this.#lines.length / 2));
  }

  /** Drops all lines. */
  clear(): void {
    this.#dropOldest(this.#lines.length);
  }

  [Symbol.iterator](): Iterator<Announcement> {
    return this.#lines.values();
  }

  #insertAt(index: number, announcement: Announcement): void {
    this.#lines.splice(index, 0, announcement);
    // Counted at once, since most lines push out another one.
    let change = announcement.line.length;
    while (this.#lines.length > this.maxLines || this.#size + change > LIMIT) {
      change -= this.#lines.shift()!.line.length;
    }
    this.#count(change);
  }

  #dropOldest(count: number): void {
    const dropped = this.#lines.splice(0, count);
    this.#count(-dropped.reduce((sum, { line }) => sum + line.length, 0));
  }

  #count(change: number): void {
    this.#size += change;
    this.budget.changed(this, change);
  }
}
