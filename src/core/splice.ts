/** Two directions at once: what a relay, a client and a server do with their two ends. */
import { Direction, type Pair, transfer } from "./direction.ts";
import type { End } from "./duplex.ts";
import { BrokenError, ResetError } from "./errors.ts";
import { LeftError } from "./resets.ts";
import { SinkError } from "./pump.ts";
import { settledWithin, withTimeout } from "./time.ts";

export type { Pair } from "./direction.ts";

/** Two ends of one kind as a pair. A stream and messages need a frame between them first. */
export function pairOf(first: End, second: End): Pair {
  if (first.framing !== second.framing) {
    throw new TypeError(`no frame between ${first.peer} and ${second.peer}`);
  }
  return [first, second] as unknown as Pair;
}

/** When a splice is over. */
export type Until =
  /** Once both ends have ended, each in its own time. */
  | "both"
  /** As soon as the second end has, whatever the first still wants to send. */
  | "second";

/**
 * Carries each end's bytes or messages to the other. An end's end is passed on by `closeWrite`
 * after its last byte, and the other direction goes on, also when its own sink wants no more. The
 * first error ends both ends at once, and is what the splice rejects with; so does the reason for
 * which anyone else closes an end. Only an end that can't be written to any more is heard out
 * first: what it said before it went (an answer, then a reset) is delivered.
 */
export async function splice(pair: Pair, until: Until = "both"): Promise<void> {
  const [first, second] = pair;
  const there = new Direction(pair);
  const back = new Direction(reverse(pair));
  const failed = failure(pair);
  try {
    await Promise.race([until === "both" ? both(there, back) : last(there, back), failed]);
    if (first.enough || second.enough) await Promise.race([closeTellers(pair), failed]);
  } catch (error) {
    if (until === "both" && isDeaf(error)) await hearOut(there.over, back.over);
    const reason = left(error, there, back) ?? failureOf(error);
    abandon(first, second, reason);
    await Promise.allSettled([there.over, back.over, first.closed, second.closed]);
    throw reason;
  }
  first.close();
  second.close();
  there.over.catch(() => {}); // Until "second", the other direction may still be waiting to fail.
  await first.closed;
  await second.closed;
}

/** Both directions have ended, or one has and the other is of no use to anybody. */
function both(there: Direction, back: Direction): Promise<unknown> {
  const ended = Promise.all([there.over, back.over]);
  const enough = [there.pointless(back), back.pointless(there)].filter((one) => one !== undefined);
  return enough.length === 0 ? ended : Promise.race([ended, ...enough]);
}

/** The second end has ended. When it does in order, it doesn't matter what it no longer took. */
async function last(there: Direction, back: Direction): Promise<void> {
  const sent = there.over.catch(async (error) => {
    if (!isDeaf(error)) throw error;
    await withTimeout(back.over, LAST_WORDS, () => error);
  });
  await Promise.race([back.over, sent.then(() => back.over)]);
}

/**
 * A reset as a leave: of a peer that had ended its side, so that it only doesn't hear what is still
 * sent to it; or of the first, who came and has heard the second's end.
 */
function left(error: unknown, there: Direction, back: Direction): Error | undefined {
  const reason = failureOf(error);
  if (!(reason instanceof ResetError)) return undefined;
  const other = error instanceof SinkError ? there.ended || back.ended : back.ended;
  return other ? new LeftError(reason) : undefined;
}

/** Closes what may tell of a failure only then, so that the other end is closed with that. */
async function closeTellers(pair: Pair): Promise<void> {
  const tellers = pair.filter((end) => end.enough);
  for (const end of tellers) end.close();
  await Promise.all(tellers.map((end) => end.closed));
}

/** Whether a direction failed because its sink can't be written to any more. */
function isDeaf(error: unknown): error is SinkError {
  return error instanceof SinkError && error.failure instanceof BrokenError;
}

/** Time for the last words of an end that can't be written to any more, milliseconds. */
const LAST_WORDS = 2000;

/** One direction has failed; the other gets its time to come to its own end. */
async function hearOut(there: Promise<void>, back: Promise<void>): Promise<void> {
  await settledWithin(Promise.allSettled([there, back]), LAST_WORDS);
}

/** One direction of a pair, with the source's end passed on. */
export async function carry(pair: Pair): Promise<void> {
  try {
    await transfer(pair);
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): Error {
  return error instanceof SinkError ? error.failure : error as Error;
}

/**
 * Rejects with the reason for which one of the ends is closed. While a direction waits for a
 * stalled sink nobody reads its source, so a timer that closes that one would go unnoticed.
 */
function failure(pair: Pair): Promise<never> {
  return new Promise((_, reject) => {
    const tell = (reason: Error | void) => {
      if (reason) reject(reason);
    };
    // What only the very end shows is waited for there: it must not cut what is still on its way.
    for (const end of pair) end.closed.then(tell, () => {});
  });
}

function reverse([first, second]: Pair): Pair {
  return [second, first] as Pair;
}

function abandon(first: End, second: End, reason: Error): void {
  first.close(reason);
  second.close(reason);
}
