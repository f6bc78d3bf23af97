/** Deadlines that traffic pushes back: `--idle-timeout` and `--linger`. */
import type { Channel, Duplex, End } from "../core/duplex.ts";
import { deadline } from "../core/deadlines.ts";
import { tap } from "./tap.ts";

/** Calls back once nothing has happened for a time. Touching it costs one clock read. */
export class Silence {
  #last = 0;
  #cancel: (() => void) | undefined;

  constructor(private readonly ms: number, private readonly expire: () => void) {}

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
    const left = this.#last + this.ms - performance.now();
    if (left > 0) {
      this.#cancel = deadline(left, () => this.#check());
    } else {
      this.#cancel = undefined;
      this.expire();
    }
  }
}

/**
 * Closes `end` with `late()` when neither direction has moved a byte for `ms` milliseconds.
 * Without an error from `late` that is its normal end.
 */
export function idle(end: Duplex, ms: number, late: () => Error | undefined): Duplex;
export function idle(end: Channel, ms: number, late: () => Error | undefined): Channel;
export function idle(end: End, ms: number, late: () => Error | undefined): End;
export function idle(end: End, ms: number, late: () => Error | undefined): End {
  const silence = new Silence(ms, () => watched.close(late()));
  const touch = () => silence.touch();
  const watched = tap(end, { received: touch, sent: touch, closed: () => silence.stop() });
  silence.start();
  return watched;
}

/**
 * After our own end, closes `end` with `late()` when the peer has been silent for `ms`
 * milliseconds. Without an error from `late` that is its normal end.
 */
export function linger(end: Duplex, ms: number, late: () => Error | undefined): Duplex;
export function linger(end: Channel, ms: number, late: () => Error | undefined): Channel;
export function linger(end: End, ms: number, late: () => Error | undefined): End;
export function linger(end: End, ms: number, late: () => Error | undefined): End {
  const silence = new Silence(ms, () => watched.close(late()));
  const stop = () => silence.stop();
  let over = false;
  const watched = tap(end, {
    received: () => silence.touch(),
    weEnded: () => over || silence.start(),
    peerEnded: () => {
      over = true;
      stop();
    },
    closed: stop,
  });
  return watched;
}
