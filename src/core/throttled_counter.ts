/** Telling how often something happened without telling each time. */

/** Time between two reports, milliseconds. */
const INTERVAL = 1000;

/** Counts, and reports the first at once and then what has come since, at most once a second. */
export class ThrottledCounter {
  #count = 0;
  #timer: number | undefined;

  /** @param report Gets how many there were since the last report. */
  constructor(private readonly report: (count: number) => void) {}

  add(): void {
    this.#count++;
    this.#timer ??= this.#flush();
  }

  /** Reports what is left. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) this.report(this.#count);
    this.#count = 0;
  }

  #flush(): number | undefined {
    if (this.#count === 0) return undefined;
    this.report(this.#count);
    this.#count = 0;
    return setTimeout(() => this.#timer = this.#flush(), INTERVAL);
  }
}
