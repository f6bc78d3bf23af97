/** Reports how often something happened, without a report each time. */

/** Shortest time between two reports, milliseconds. */
const INTERVAL = 1000;

/** Reports the first event at once, and then the number of later ones, at most once a second. */
export class ThrottledCounter {
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param report Gets the number of events since the last report. */
  constructor(private readonly report: (count: number) => void) {}

  add(): void {
    this.#count++;
    this.#timer ??= this.#flush();
  }

  /** Reports the events since the last report. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) this.report(this.#count);
    this.#count = 0;
  }

  #flush(): ReturnType<typeof setTimeout> | undefined {
    if (this.#count === 0) return undefined;
    this.report(this.#count);
    this.#count = 0;
    return setTimeout(() => this.#timer = this.#flush(), INTERVAL);
  }
}
