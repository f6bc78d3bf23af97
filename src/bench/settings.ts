/** What a measurement needs to know, and what it tells while it runs. */
import type { Connection } from "../core/duplex.ts";
import { ExpectationError } from "../core/errors.ts";

export const MODES = ["stream", "rtt", "connect"] as const;
export type Mode = (typeof MODES)[number];

/** One more connection to the echo. */
export type Dial = () => Promise<Connection>;

export interface Settings {
  /** Milliseconds of measuring. */
  readonly duration: number;
  /** Connections that are busy at the same time. */
  readonly connections: number;
  /** Bytes of a write or of a message, at least 1. */
  readonly size: number;
  /** Messages may get lost, come late or twice without anyone being at fault (UDP). */
  readonly lossy: boolean;
  /** Milliseconds without an answer after which there is no echo. */
  readonly answerTimeout: number;
}

/** Bytes, exchanges or connections so far, for who watches. */
export interface Meter {
  count: number;
}

/** What didn't come back as it should, of a transport that loses. */
export interface Losses {
  readonly sent: number;
  readonly lost: number;
  readonly twice: number;
}

/** The echo is none, or something on the way to it isn't: status 9. */
export function notEchoed(connection: Pick<Connection, "peer">, reason: string, cause?: unknown) {
  return new ExpectationError("bench", connection.peer, reason, { cause });
}

/** No answer at all, or none any more, for `ms` milliseconds. */
export function noAnswer(connection: Pick<Connection, "peer">, ms: number) {
  return notEchoed(connection, `nothing came back for ${ms / 1000} s: is there an echo?`);
}

/** Where a connection's bytes begin in the pattern, so that no two have the same at a time. */
export function seedOf(connection: number): number {
  return connection * 7919;
}

/** All connections' losses together. */
export function sumOf(all: readonly (Losses | undefined)[]): Losses | undefined {
  return all.reduce((sum, one) =>
    sum && one && {
      sent: sum.sent + one.sent,
      lost: sum.lost + one.lost,
      twice: sum.twice + one.twice,
    }
  );
}
