/** `--within`: how long a whole command waits for what `--expect` says. */
import { onAbort } from "../core/abort.ts";
import { ExpectationError } from "../core/errors.ts";
import { LAST_CALL } from "../core/farewell.ts";
import { settledWithin, withTimeout } from "../core/time.ts";
import type { TalkOptions } from "./talk.ts";

interface Expectant {
  readonly options: Pick<TalkOptions, "expect" | "within">;
  readonly operands: readonly string[];
}

/** How it stands with what a command expects. */
interface Expectation {
  /** Aborts when the time is over, with the reason: closes what is open. */
  readonly late: AbortSignal;
  /** To be aborted once it has come: whatever is still to do isn't bound to the time. */
  readonly met: AbortController;
}

/**
 * A command's `run` that fails once its time is over, however far it has come by then: without a
 * connection, with one or with many.
 */
export function expecting<C extends Expectant, R>(
  run: (context: C, recorder: R | undefined, expectation: Expectation) => Promise<void>,
): (context: C, recorder?: R) => Promise<void> {
  return async (context, recorder) => {
    const { options: { expect, within }, operands } = context;
    const late = new AbortController();
    const met = new AbortController();
    const come = Promise.withResolvers<void>();
    using _ = onAbort(met.signal, come.resolve);
    const over = run(context, recorder, { late: late.signal, met });
    try {
      await withTimeout(Promise.race([over, come.promise]), expect && within, () => {
        const reason = `nothing within ${within! / 1000} s matched /${expect!.source}/`;
        const error = new ExpectationError("expect", operands.join(" "), reason);
        late.abort(error);
        return error;
      });
    } catch (error) {
      if (late.signal.aborted) await settledWithin(over, LAST_CALL);
      throw error;
    }
    await over;
  };
}
