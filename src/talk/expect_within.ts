/** `--within`: how long a whole command waits for what `--expect` says. */
import { deadline } from "../core/deadlines.ts";
import { ExpectationError } from "../core/errors.ts";
import { CLOSE_GRACE } from "../core/graceful_close.ts";
import { settledWithin } from "../core/time.ts";
import type { TalkOptions } from "./talk.ts";

interface ExpectContext {
  readonly options: Pick<TalkOptions, "expect" | "within">;
  readonly operands: readonly string[];
}

/** What a command expects, and the time for it, which runs from here until it is disposed of. */
export class Expectation implements Disposable {
  readonly #late = new AbortController();
  readonly #over = Promise.withResolvers<never>();
  #stopClock = () => {};

  constructor({ options: { expect, within }, operands }: ExpectContext) {
    this.#over.promise.catch(() => {}); // Nobody may be waiting for it.
    if (!expect || within === undefined) return;
    this.#stopClock = deadline(within, () => {
      const reason = `nothing within ${within / 1000} s matched /${expect.source}/`;
      this.#expire(new ExpectationError("expect", operands.join(" "), reason));
    });
  }

  /** Aborts when the time is over, with the reason: closes what is open. */
  get late(): AbortSignal {
    return this.#late.signal;
  }

  /** It has come: whatever is still to do isn't bound to the time. */
  matched(): void {
    this.#stopClock();
  }

  /**
   * `work`, or a rejection with an `ExpectationError` once the time is over, however far it has
   * come by then: without a connection, with one or with many. It is given a moment to end.
   */
  async limit(work: Promise<void>): Promise<void> {
    try {
      await Promise.race([work, this.#over.promise]);
    } catch (error) {
      if (this.late.aborted) await settledWithin(work, CLOSE_GRACE);
      throw error;
    }
  }

  #expire(error: ExpectationError): void {
    this.#over.reject(error);
    this.#late.abort(error);
  }

  [Symbol.dispose](): void {
    this.#stopClock();
  }
}
