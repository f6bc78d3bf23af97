/** Two directions at once: what a relay, a client and a server do with two connections. */
import { Direction, type Pair, transfer } from "./direction.ts";
import type { Connection } from "./duplex.ts";
import { BrokenError, ResetError } from "./errors.ts";
import { PeerLeftError } from "./resets.ts";
import { SinkError } from "./pump.ts";
import { settledWithin, withTimeout } from "./time.ts";

export type { Pair } from "./direction.ts";

/**
 * Two connections of one kind as a pair: who came (`client`), and what it is joined to (`target`).
 * Throws a `TypeError` for a stream and a channel: they need a frame between them first.
 */
export function pairOf(client: Connection, target: Connection): Pair {
  if (client.framing !== target.framing) {
    throw new TypeError(`no frame between ${client.peer} and ${target.peer}`);
  }
  return [client, target] as unknown as Pair;
}

/** When a splice is over. */
export type Until =
  /** At the EOF of both, each in its own time. */
  | "both"
  /** At the target's EOF, whatever the client still wants to send. */
  | "target";

/** Hears how many messages, or reads, there was no reader for; once, at the end. */
export type OnDropped = (sink: Connection, count: number) => void;

/**
 * Carries bytes or messages both ways. EOF is passed on by `closeWrite` after the last byte, and
 * the other direction goes on, also when its own reader is gone. The first error closes both
 * connections at once, and is what the splice rejects with; so does the reason for which anyone
 * else closes one of them. Only where writing has failed is the other direction waited for: what
 * that peer sent before it went (an answer, then a reset) is delivered.
 */
export async function splice(
  pair: Pair,
  until: Until = "both",
  onDropped?: OnDropped,
): Promise<void> {
  const [client, target] = pair;
  const toTarget = new Direction(pair);
  const toClient = new Direction(reverse(pair));
  toTarget.opposite = toClient;
  toClient.opposite = toTarget;
  try {
    const over = until === "both"
      ? bothDirections(toTarget, toClient)
      : [targetsDirection(toTarget, toClient)];
    await unlessClosed(pair, over);
    if (toTarget.drained || toClient.drained) {
      await unlessClosed(pair, [drained(toTarget, toClient)]);
    }
    if (client.readerGone || target.readerGone) await unlessClosed(pair, [closeJudging(pair)]);
  } catch (error) {
    if (until === "both" && isWriteFailure(error)) {
      await settledWithin(Promise.allSettled([toTarget.over, toClient.over]), REMAINING_INPUT);
    }
    const reason = peerLeft(error, toTarget, toClient) ?? failureOf(error);
    client.close(reason);
    target.close(reason);
    await Promise.allSettled([toTarget.over, toClient.over, client.closed, target.closed]);
    throw reason;
  } finally {
    tellDropped(pair, toTarget, toClient, onDropped);
  }
  client.close();
  target.close();
  toTarget.over.catch(() => {}); // Until "target", it may be pending still, and fails by the close.
  await client.closed;
  await target.closed;
}

function tellDropped(
  [client, target]: Pair,
  toTarget: Direction,
  toClient: Direction,
  onDropped: OnDropped | undefined,
): void {
  if (toTarget.dropped > 0) onDropped?.(target, toTarget.dropped);
  if (toClient.dropped > 0) onDropped?.(client, toClient.dropped);
}

/** Gives a source whose reader has closed its time to read what was sent to it, and to end. */
function drained(toTarget: Direction, toClient: Direction): Promise<unknown> {
  return settledWithin(Promise.all([toTarget.drained, toClient.drained]), REMAINING_INPUT);
}

/** What is to be waited for: both directions, or one where the other need not be. */
function bothDirections(toTarget: Direction, toClient: Direction): readonly Promise<unknown>[] {
  const both = [toTarget.over, toClient.over];
  const abandoned = [toTarget.abandoned(toClient), toClient.abandoned(toTarget)];
  if (abandoned.every((one) => one === undefined)) return both;
  return [Promise.race([Promise.all(both), ...abandoned.filter((one) => one !== undefined)])];
}

/** Resolves at the target's EOF, also where the target took no more of what was sent to it. */
async function targetsDirection(toTarget: Direction, toClient: Direction): Promise<void> {
  const sent = toTarget.over.catch(async (error) => {
    if (!isWriteFailure(error)) throw error;
    await withTimeout(toClient.over, REMAINING_INPUT, () => error);
  });
  await Promise.race([toClient.over, sent.then(() => toClient.over)]);
}

/**
 * A reset as a leave, which is no failure: of a peer whose EOF has been passed on, so that it only
 * misses what is still sent to it; or of the client, once it has received the target's EOF.
 */
function peerLeft(error: unknown, toTarget: Direction, toClient: Direction): Error | undefined {
  const reason = failureOf(error);
  if (!(reason instanceof ResetError)) return undefined;
  const eofPassed = error instanceof SinkError
    ? toTarget.delivered || toClient.delivered
    : toClient.delivered;
  return eofPassed ? new PeerLeftError(reason) : undefined;
}

/**
 * Closes those whose `closed` may reject (a child that failed) before the other, which is then
 * closed with that reason.
 */
async function closeJudging(pair: Pair): Promise<void> {
  const judging = pair.filter(({ readerGone }) => readerGone);
  for (const connection of judging) connection.close();
  await Promise.all(judging.map(({ closed }) => closed));
}

/** Whether a direction failed because its sink can't be written to any more. */
function isWriteFailure(error: unknown): error is SinkError {
  return error instanceof SinkError && error.failure instanceof BrokenError;
}

/** Time for what a peer has sent that can't be written to any more, milliseconds. */
const REMAINING_INPUT = 2000;

/** Carries one direction of a pair, and passes the source's EOF on. */
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
 * Resolves once all `works` have, or rejects as the first that does, or with the reason for which
 * one of the connections is closed. While a direction waits for a stalled sink nobody reads its
 * source, so a timer that closes that one would go unnoticed.
 */
function unlessClosed(pair: Pair, works: readonly Promise<unknown>[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = works.length;
    const onOver = () => {
      if (--left === 0) resolve();
    };
    for (const work of works) work.then(onOver, reject);
    const rejectWith = (reason: Error | void) => {
      if (reason) reject(reason);
    };
    // A rejected `closed` is awaited at the end: it must not cut what is still on its way.
    for (const { closed } of pair) closed.then(rejectWith, () => {});
  });
}

function reverse([client, target]: Pair): Pair {
  return [target, client] as Pair;
}
