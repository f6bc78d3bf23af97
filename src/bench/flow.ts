/** A steady flow of data to one echo and back: what `stream` measures on each connection. */
import type { Losses } from "./settings.ts";

export interface Flow {
  /** When the last byte came back, as `performance.now()` tells it. */
  readonly finished: number;
  /** Absent where nothing may get lost. */
  readonly losses?: Losses;
  /**
   * Sends as fast as the echo takes it until that time, and resolves once all of it is back. The
   * end is closed then. Rejects with an `ExpectationError`, or as the end does.
   */
  run(until: number): Promise<void>;
}
