/** Rates of now: those of the last seconds, in which a burst doesn't stand out. */

/** Time that a rate looks back, milliseconds. */
const WINDOW = 3000;

/** What has been counted, by names. */
type Counts<K extends string> = Readonly<Record<K, number>>;

export class Rates<K extends string> {
  readonly #samples: { readonly time: number; readonly counts: Counts<K> }[] = [];

  /** @param counts What has been counted at `time`, milliseconds. */
  constructor(time: number, counts: Counts<K>) {
    this.#samples.push({ time, counts });
  }

  /** Takes the counts at `time`, and returns how many a second there were of each lately. */
  at(time: number, counts: Counts<K>): Record<K, number> {
    this.#samples.push({ time, counts });
    while (this.#samples.length > 2 && this.#samples[1]!.time <= time - WINDOW) {
      this.#samples.shift();
    }
    const first = this.#samples[0]!;
    const seconds = Math.max(1, time - first.time) / 1000;
    const rates = { ...counts } as Record<K, number>;
    for (const name of Object.keys(counts) as K[]) {
      rates[name] = (counts[name] - first.counts[name]) / seconds;
    }
    return rates;
  }
}
