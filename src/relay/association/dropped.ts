/** What an association drops, by reason, reported at most once a second for each. */
import type { Log } from "../../core/log.ts";
import { ThrottledCounter } from "../../core/throttled_counter.ts";

export class DroppedDatagrams {
  readonly #counters = new Map<string, ThrottledCounter>();

  constructor(private readonly peer: string, private readonly log: Log) {}

  /**
   * Counts a datagram.
   *
   * @param why What it is, as one of a few phrases: `in fragments`, `to targets that…`.
   * @param event `dropped` where a queue was full, as UDP listeners say.
   */
  add(why: string, event: "dropped" | "discarded" = "discarded"): void {
    let counter = this.#counters.get(why);
    if (!counter) {
      counter = new ThrottledCounter((count) => {
        const datagrams = count === 1 ? "1 datagram" : `${count} datagrams`;
        const { peer } = this;
        this.log.warn(event, `${peer}: dropped ${datagrams} ${why}`, { peer, count });
      });
      this.#counters.set(why, counter);
    }
    counter.add();
  }

  /** Reports what hasn't been reported yet. */
  close(): void {
    for (const counter of this.#counters.values()) counter.close();
  }
}
