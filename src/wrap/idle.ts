/** Deadlines that traffic extends: `--idle-timeout` and `--linger`. */
import type { Channel, Connection, Duplex } from "../core/duplex.ts";
import { deadline } from "../core/deadlines.ts";
import { tap } from "./tap.ts";

/** Makes the reason of the close at a deadline; undefined for a close without error. */
type CloseReason = () => Error | undefined;

/** Calls back after a time without activity. `touch` costs one clock read. */
export class IdleTimer {
  #last = 0;
  #cancel: (() => void) | undefined;

  /** @param since Time of other activity, in `performance.now()`. */
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

/** The time of the last activity: parts of a message count, though no observer sees them. */
function lastActivity(connection: Connection, since = -Infinity): number {
  return connection.framing === "message"
    ? Math.max(since, connection.partialAt ?? -Infinity)
    : since;
}

/**
 * Closes `connection` with `late()` after `ms` milliseconds without a byte in either direction.
 *
 * @param since Time of other activity, in `performance.now()`.
 */
export function idle(
  connection: Duplex,
  ms: number,
  late: CloseReason,
  since?: () => number,
): Duplex;
export function idle(
  connection: Channel,
  ms: number,
  late: CloseReason,
  since?: () => number,
): Channel;
export function idle(
  connection: Connection,
  ms: number,
  late: CloseReason,
  since?: () => number,
): Connection;
export function idle(
  connection: Connection,
  ms: number,
  late: CloseReason,
  since?: () => number,
): Connection {
  const timer = new IdleTimer(
    ms,
    () => observed.close(late()),
    () => lastActivity(connection, since?.()),
  );
  const touch = () => timer.touch();
  const observed = tap(connection, { received: touch, sent: touch, closed: () => timer.stop() });
  timer.start();
  return observed;
}

/**
 * Closes `connection` with `late()` `ms` milliseconds after our EOF, whatever the peer sends. While
 * bytes are still unsent, waits for as long as the peer takes some in each such time.
 *
 * @param late Gets the number of unsent bytes that the close drops, if the peer still sends.
 */
export function closeAfterEof(
  connection: Connection,
  ms: number,
  late: (lost: number) => Error | undefined,
): Connection {
  let cancel = () => {};
  let stopped = false;
  let peerSends = false;
  const check = (before: number) => {
    const unsent = connection.unsent ?? 0;
    if (unsent === 0 || unsent >= before) return observed.close(late(peerSends ? unsent : 0));
    peerSends = false;
    cancel = deadline(ms, () => check(unsent));
  };
  const stop = () => {
    stopped = true;
    cancel();
  };
  const observed = tap(connection, {
    received: () => peerSends = true,
    sentEof: () => stopped || (cancel = deadline(ms, () => check(Infinity))),
    receivedEof: stop,
    closed: stop,
  });
  return observed;
}

/**
 * Closes `connection` with `late()` when the peer has sent nothing for `ms` milliseconds after our
 * EOF.
 */
export function linger(connection: Duplex, ms: number, late: CloseReason): Duplex;
export function linger(connection: Channel, ms: number, late: CloseReason): Channel;
export function linger(connection: Connection, ms: number, late: CloseReason): Connection;
export function linger(connection: Connection, ms: number, late: CloseReason): Connection {
  const timer = new IdleTimer(ms, () => observed.close(late()), () => lastActivity(connection));
  const stop = () => timer.stop();
  let peerDone = false;
  const observed = tap(connection, {
    received: () => timer.touch(),
    sentEof: () => peerDone || timer.start(),
    receivedEof: () => {
      peerDone = true;
      stop();
    },
    closed: stop,
  });
  return observed;
}
