/** `--within`: the time in which a whole command waits for a match of what it expects. */
import { deadline } from "../core/deadlines.ts";
import { ExpectationError, isQuiet, UsageError } from "../core/errors.ts";
import { CLOSE_GRACE } from "../core/graceful_close.ts";
import { settledWithin } from "../core/time.ts";
import type { Log } from "../core/log.ts";
import { formatPattern, type Pattern } from "../wrap/expect.ts";
import { type Search, Searcher } from "../wrap/search.ts";
import { hasRoomForThread } from "../transports/descriptors_left.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { talkFlags } from "./options.ts";

type TalkOptions = OptionsOf<typeof talkFlags>;

interface ExpectContext {
  readonly options: Pick<TalkOptions, "expect" | "expectBytes" | "within">;
  readonly operands: readonly string[];
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** What has to match, if anything has. Throws a `UsageError` for two of it. */
export function patternOf(
  { expect, expectBytes }: Pick<TalkOptions, "expect" | "expectBytes">,
): Pattern | undefined {
  if (expect && expectBytes) {
    throw new UsageError("--expect-bytes", "can't be combined with --expect");
  }
  return expect ?? expectBytes;
}

/** A command's expectation, with its deadline, which starts here. */
export class Expectation implements Disposable {
  readonly #late = new AbortController();
  readonly #over = Promise.withResolvers<never>();
  readonly #stop: AbortSignal;
  /** What has to match still. */
  #awaited: { readonly pattern: Pattern; readonly subject: string } | undefined;
  #stopClock = () => {};
  /** For all connections of the command. */
  readonly searcher: Searcher;

  constructor({ options, operands, log, stop }: ExpectContext) {
    this.#stop = stop;
    const slow = ({ source }: Search, seconds: number) => {
      const means = "one with repetitions within repetitions may never end";
      log.warn(
        "slow-search",
        `--expect: the search for /${source}/ has taken ${seconds} s; ${means}`,
      );
    };
    this.searcher = new Searcher({ slow, hasRoom: hasRoomForThread });
    const { within } = options;
    const pattern = patternOf(options);
    const subject = operands.join(" ");
    if (pattern) this.#awaited = { pattern, subject };
    this.#over.promise.catch(() => {}); // `limit` may have finished already.
    if (!pattern || within === undefined) return;
    this.#stopClock = deadline(within, () => {
      const reason = `nothing within ${within / 1000} s matched ${formatPattern(pattern)}`;
      this.#expire(new ExpectationError("expect", subject, reason));
    });
  }

  /** Aborts with the reason when the time is over, to close open connections. */
  get late(): AbortSignal {
    return this.#late.signal;
  }

  /** Stops the deadline: the text has matched, and closing takes its own time. */
  matched(): void {
    this.#awaited = undefined;
    this.#stopClock();
  }

  /**
   * `work`, or a rejection with an `ExpectationError` when the time is over, whatever `work` is
   * doing then: it has `CLOSE_GRACE` to finish before that. Also where a signal has ended `work`
   * first, which is no failure of its own.
   */
  async limit(work: Promise<void>): Promise<void> {
    try {
      await Promise.race([work, this.#over.promise]);
    } catch (error) {
      if (this.late.aborted) await settledWithin(work, CLOSE_GRACE);
      if (isQuiet(error)) this.#throwIfStopped();
      throw error;
    }
    this.#throwIfStopped();
  }

  #throwIfStopped(): void {
    if (!this.#stop.aborted || !this.#awaited) return;
    const { pattern, subject } = this.#awaited;
    const reason = `stopped before anything matched ${formatPattern(pattern)}`;
    throw new ExpectationError("expect", subject, reason);
  }

  #expire(error: ExpectationError): void {
    this.#over.reject(error);
    this.#late.abort(error);
  }

  [Symbol.dispose](): void {
    this.#stopClock();
    this.searcher[Symbol.dispose]();
  }
}
