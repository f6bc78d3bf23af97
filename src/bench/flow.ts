/** A continuous flow to an echo and back: what `stream` measures on each connection. */
import type { Losses } from "./settings.ts";

export interface Flow {
  /** When the last byte came back, milliseconds of `performance.now()`. */
  readonly finished: number;
  /** Absent on a transport that loses nothing. */
  readonly losses?: Losses;
  /**
   * Sends as fast as the echo takes it until that time, waits until all of it has come back, and
   * closes the connection. Rejects with an `ExpectationError`, or with the connection's error.
   */
  run(until: number): Promise<void>;
}
