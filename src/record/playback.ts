/** Plays the clients of a recording: as many connections as were recorded, in order and in time. */
import type { Connection } from "../core/duplex.ts";
import { sleep } from "../core/time.ts";
import { conversationsOf, hasBoth } from "./conversation.ts";
import type { RecordedEvent, Side } from "./event.ts";
import { Order, type Turns } from "./order.ts";
import { scheduleOf } from "./schedule.ts";
import { type Script, scriptFor } from "./script.ts";

/** What plays a recording's clients. */
export interface ClientPlayback {
  /** Recorded times are divided by it. */
  readonly speed: number;
  /** Connections that aren't opened by then never are. */
  readonly stop: AbortSignal;
  /** Opens the connection of that number. */
  connect(id: number): Promise<Connection>;
  /** Plays a script on the connection that `open` opens when its time has come. */
  play(
    script: Script,
    open: () => Promise<Connection>,
    turns: Turns | undefined,
  ): Promise<void>;
}

/**
 * Opens the connections of a recording in the recorded order and at the recorded times, each after
 * those that were closed before it was opened. Where no time passes between their steps, these wait
 * for one another as recorded. Rejects as `play` does.
 */
export async function playClients(
  events: readonly RecordedEvent[],
  { speed, stop, connect, play }: ClientPlayback,
): Promise<void> {
  const scripts = scriptsFor(events, "in");
  const order = speed === Infinity ? new Order(events, "in") : undefined;
  const start = performance.now();
  const finished = new Map<number, Promise<void>>();
  let previous: Promise<unknown> = Promise.resolve();
  for (const { id, at, after } of scheduleOf(events)) {
    const ready = Promise.all([previous, ...after.map((earlier) => finished.get(earlier))]);
    const connecting = Promise.withResolvers<void>();
    previous = connecting.promise;
    const open = async () => {
      try {
        await ready;
        const wait = start + at / speed - performance.now();
        if (wait > 0) await sleep(wait, stop);
        return await connect(id);
      } finally {
        connecting.resolve();
      }
    };
    const turns = order?.of(id);
    finished.set(id, play(scripts.get(id)!, open, turns).finally(() => turns?.over()));
  }
  await Promise.all(finished.values());
}

/** The scripts of one side by connection id, in ascending order. */
export function scriptsFor(
  events: readonly RecordedEvent[],
  side: Side,
): ReadonlyMap<number, Script> {
  return new Map(conversationsOf(events).map((one) => [one.id, scriptFor(one, side)]));
}

/** Throws what `fail` makes of the reason why a recording can't be played, if there is one. */
export function checkPlayable(
  events: readonly RecordedEvent[],
  fail: (reason: string) => Error,
): void {
  const both = conversationsOf(events).find(hasBoth);
  if (!both) return;
  const what = "both bytes and datagrams (UDP ASSOCIATE of SOCKS5)";
  throw fail(`connection ${both.id} has ${what}, which can be drawn and exported, not played`);
}

/** Parses a speed: a factor, or `max`, which is `Infinity`. Throws an `Error`. */
export function parseSpeed(given: string): number {
  const speed = given === "max" ? Infinity : /^\d+(\.\d+)?$/.test(given) ? Number(given) : 0;
  if (speed === 0) throw new Error("expected a number such as 1, 10 or 0.5, or max");
  return speed;
}
