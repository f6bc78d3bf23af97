/**
 * Counts times in buckets that are at most 1/64 as wide as the times in them. hdr-histogram-js does
 * the same, but takes 150 ms to load, in which a control would relay nothing.
 */

/** Buckets of each power of two, itself a power of two. */
const LINEAR = 64;
/** Its logarithm. */
const SHIFT = Math.log2(LINEAR);
/** A longer time counts as this long, microseconds: 35 minutes. */
const LONGEST = 2 ** 31 - 1;
const BUCKETS = (31 - SHIFT + 1) * LINEAR;

export class TimeHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  /** The number of times since it was cleared. */
  get total(): number {
    return this.#total;
  }

  /** Counts a time in microseconds. */
  add(microseconds: number): void {
    const value = Math.min(LONGEST, Math.max(0, Math.round(microseconds)));
    this.#counts[bucketOf(value)]!++;
    this.#total++;
  }

  /** A time that `percent` of all don't exceed, to 1/128; 0 where there is none. */
  at(percent: number): number {
    let left = Math.ceil(this.#total * percent / 100);
    const bucket = this.#counts.findIndex((count) => (left -= count) <= 0);
    return this.#total === 0 ? 0 : middleOf(bucket);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}

/** How many binary digits the buckets of a value leave out. */
function shiftOf(value: number): number {
  return Math.max(0, 31 - Math.clz32(value) - SHIFT);
}

function bucketOf(value: number): number {
  const shift = shiftOf(value);
  return shift * LINEAR + (value >> shift);
}

/** The whole number in the middle of a bucket. */
function middleOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / LINEAR) - 1);
  const first = (bucket - shift * LINEAR) * 2 ** shift;
  return first + (2 ** shift >> 1);
}
