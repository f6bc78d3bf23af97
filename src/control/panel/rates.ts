/** The throughput of one proxy over the last minutes, from the sums of its bytes. */
import type { ProxySums } from "./wire.ts";

/** Samples that are kept: two minutes of two a second. */
const MAX_SAMPLES = 240;

/** The throughput between two sums. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Bytes a second from clients to targets. */
  readonly up: number;
  /** Bytes a second from targets to clients. */
  readonly down: number;
}

export class Rates {
  readonly #samples: Sample[] = [];
  #last: { readonly time: number; readonly up: number; readonly down: number } | undefined;

  /** The samples, oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  get latest(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /** Adds the sums of a time, in milliseconds since the epoch. */
  add(time: number, { received, sent }: Pick<ProxySums, "received" | "sent">): void {
    const last = this.#last;
    const isNew = !last || received < last.up || sent < last.down;
    this.#last = { time, up: received, down: sent };
    if (isNew || time <= last.time) return;
    const seconds = (time - last.time) / 1000;
    const rate = (bytes: number) => bytes / seconds;
    this.#samples.push({ time, up: rate(received - last.up), down: rate(sent - last.down) });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}
