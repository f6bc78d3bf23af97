/** Deadlines that traffic pushes back: `--idle-timeout` and `--linger`. */
import type { Channel, Connection, Duplex } from "../core/duplex.ts";
import { deadline } from "../core/deadlines.ts";
import { tap } from "./tap.ts";

/** What an end is closed with; without an error that is its normal end. */
type Late = () => Error | undefined;

/** Calls back once nothing has happened for a time. Touching it costs one clock read. */
export class IdleTimer {
  #last = 0;
  #cancel: (() => void) | undefined;

  /** @param since Silence counts at most from the time that this tells. */
  constructor(
    private readonly ms: number,
    private readonly expire: () => void,
    private readonly since: () => number = () => -Infinity,
  ) {}

  start(): void {
    this.#last = performance.now();
    this.#cancel ??= deadline(this.ms, () => this.#check());
  }

  touch(): void {
    this.#last = performance.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #check(): void {
    const left = Math.max(this.#last, this.since()) + this.ms - performance.now();
    if (left > 0) {
      this.#cancel = deadline(left, () => this.#check());
    } else {
      this.#cancel = undefined;
      this.expire();
    }
  }
}

/** A message that is on its way isn't silence, though it is seen only once it is whole. */
function lastActivity(connection: Connection, since = -Infinity): number {
  return connection.framing === "message"
    ? Math.max(since, connection.partialAt ?? -Infinity)
    : since;
}

/**
 * Closes `end` with `late()` when neither direction has moved a byte for `ms` milliseconds.
 * Without an error from `late` that is its normal end.
 *
 * @param since Silence counts at most from the time that this tells (`performance.now()`).
 */
export function idle(connection: Duplex, ms: number, late: Late, since?: () => number): Duplex;
export function idle(connection: Channel, ms: number, late: Late, since?: () => number): Channel;
export function idle(
  connection: Connection,
  ms: number,
  late: Late,
  since?: () => number,
): Connection;
export function idle(
  connection: Connection,
  ms: number,
  late: Late,
  since?: () => number,
): Connection {
  const silence = new IdleTimer(
    ms,
    () => watched.close(late()),
    () => lastActivity(connection, since?.()),
  );
  const touch = () => silence.touch();
  const watched = tap(connection, { received: touch, sent: touch, closed: () => silence.stop() });
  silence.start();
  return watched;
}

/**
 * Closes `end` with `late()` when `ms` milliseconds have passed since our own end, whatever the
 * peer says meanwhile. Our end isn't there before what we said is: as long as the peer takes some
 * of it in each such time, it is waited for. Without an error from `late` that is its normal end.
 *
 * @param late Is told how many bytes the close takes back from a peer that doesn't take them.
 */
export function closeAfterEof(
  connection: Connection,
  ms: number,
  late: (lost: number) => Error | undefined,
): Connection {
  let cancel = () => {};
  let over = false;
  let talks = false;
  const judge = (before: number) => {
    const unsent = connection.unsent ?? 0;
    if (unsent === 0 || unsent >= before) return watched.close(late(talks ? unsent : 0));
    talks = false;
    cancel = deadline(ms, () => judge(unsent));
  };
  const stop = () => {
    over = true;
    cancel();
  };
  const watched = tap(connection, {
    received: () => talks = true,
    sentEof: () => over || (cancel = deadline(ms, () => judge(Infinity))),
    receivedEof: stop,
    closed: stop,
  });
  return watched;
}

/**
 * After our own end, closes `end` with `late()` when the peer has been silent for `ms`
 * milliseconds. Without an error from `late` that is its normal end.
 */
export function linger(connection: Duplex, ms: number, late: Late): Duplex;
export function linger(connection: Channel, ms: number, late: Late): Channel;
export function linger(connection: Connection, ms: number, late: Late): Connection;
export function linger(connection: Connection, ms: number, late: Late): Connection {
  const silence = new IdleTimer(ms, () => watched.close(late()), () => lastActivity(connection));
  const stop = () => silence.stop();
  let over = false;
  const watched = tap(connection, {
    received: () => silence.touch(),
    sentEof: () => over || silence.start(),
    receivedEof: () => {
      over = true;
      stop();
    },
    closed: stop,
  });
  return watched;
}
