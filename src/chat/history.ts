/** The last lines of a room, in their order, for those who come in. */
import type { Announcement } from "./news.ts";

export class History implements Iterable<Announcement> {
  readonly #lines: Announcement[] = [];

  /** @param most How many are remembered. */
  constructor(private readonly most: number) {}

  /** A line that is said now. */
  add(said: Announcement): void {
    this.#lines.push(said);
    this.#trim();
  }

  /** A past line that is only learned now stands before what was said meanwhile. */
  addPast(said: Announcement): void {
    const place = this.#lines.findIndex(({ news }) => news.time > said.news.time);
    this.#lines.splice(place < 0 ? this.#lines.length : place, 0, said);
    this.#trim();
  }

  /** A line that was shown ahead has got its place in the order: behind all that has come so far. */
  settle(id: string): void {
    const place = this.#lines.findIndex(({ news }) => news.id === id);
    if (place >= 0) this.#lines.push(...this.#lines.splice(place, 1));
  }

  [Symbol.iterator](): Iterator<Announcement> {
    return this.#lines.values();
  }

  #trim(): void {
    if (this.#lines.length > this.most) this.#lines.shift();
  }
}
