/** `--within`: the time in which a whole command waits for the match of `--expect`. */
import { deadline } from "../core/deadlines.ts";
import { ExpectationError } from "../core/errors.ts";
import { CLOSE_GRACE } from "../core/graceful_close.ts";
import { settledWithin } from "../core/time.ts";
import type { TalkOptions } from "./talk.ts";

interface ExpectContext {
  readonly options: Pick<TalkOptions, "expect" | "within">;
  readonly operands: readonly string[];
}

/** A command's expectation, with its deadline, which starts here. */
export class Expectation implements Disposable {
  readonly #late = new AbortController();
  readonly #over = Promise.withResolvers<never>();
  #stopClock = () => {};

  constructor({ options: { expect, within }, operands }: ExpectContext) {
    this.#over.promise.catch(() => {}); // `limit` may have finished already.
    if (!expect || within === undefined) return;
    this.#stopClock = deadline(within, () => {
      const reason = `nothing within ${within / 1000} s matched /${expect.source}/`;
      this.#expire(new ExpectationError("expect", operands.join(" "), reason));
    });
  }

  /** Aborts with the reason when the time is over, to close open connections. */
  get late(): AbortSignal {
    return this.#late.signal;
  }

  /** Stops the deadline: the text has matched, and closing takes its own time. */
  matched(): void {
    this.#stopClock();
  }

  /**
   * `work`, or a rejection with an `ExpectationError` when the time is over, whatever `work` is
   * doing then. It has `CLOSE_GRACE` to finish before that.
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
