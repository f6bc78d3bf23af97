/** The round trips of one proxy over the last minutes, from its sums. */
import type { RoundTrip } from "./wire.ts";

/** Samples that are kept: two minutes of two a second. */
const MAX_SAMPLES = 240;

/** The round trips of half a second; times in milliseconds. */
export interface RoundTripSample {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly count: number;
  /** Half of them took no longer; null where there was none. */
  readonly median: number | null;
  /** Of a hundred, 99 took no longer; null where there was none. */
  readonly p99: number | null;
}

export class RoundTripSamples {
  readonly #samples: RoundTripSample[] = [];
  #latest: RoundTripSample | undefined;

  /** The samples, oldest first. */
  get samples(): readonly RoundTripSample[] {
    return this.#samples;
  }

  /** The latest in which there was a round trip. */
  get latest(): RoundTripSample | undefined {
    return this.#latest;
  }

  /** Adds what the sums of a time, in milliseconds since the epoch, tell. */
  add(time: number, { count, p50, p99 }: RoundTrip): void {
    const last = this.#samples.at(-1);
    if (last && time <= last.time) return;
    const sample = { time, count, median: inMilliseconds(p50), p99: inMilliseconds(p99) };
    if (count > 0) this.#latest = sample;
    this.#samples.push(sample);
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}

function inMilliseconds(microseconds: number | undefined): number | null {
  return microseconds === undefined ? null : microseconds / 1000;
}
