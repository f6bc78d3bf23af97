/** The settings of a measurement, what it reports while it runs, and its errors. */
import type { Connection } from "../core/duplex.ts";
import { ExpectationError } from "../core/errors.ts";

export const MODES = ["stream", "rtt", "connect"] as const;
export type Mode = (typeof MODES)[number];

/** Opens one more connection to the echo. */
export type Dial = () => Promise<Connection>;

export interface Settings {
  /** Milliseconds of measuring. */
  readonly duration: number;
  /** Connections at the same time. */
  readonly connections: number;
  /** Bytes of a write or of a message, at least 1. */
  readonly size: number;
  /** Whether messages may get lost, come late or twice (UDP). */
  readonly lossy: boolean;
  /** Milliseconds without an answer after which the measurement fails. */
  readonly answerTimeout: number;
}

/** Bytes, exchanges or connections so far, for the progress line. */
export interface Meter {
  count: number;
}

/** Messages that were lost or came twice, on a lossy transport. */
export interface Losses {
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
}

/** The error for an answer that isn't what was sent: status 9. */
export function notEchoed(connection: Pick<Connection, "peer">, reason: string, cause?: unknown) {
  return new ExpectationError("bench", connection.peer, reason, { cause });
}

/** The error for no answer in `ms` milliseconds. */
export function noAnswer(connection: Pick<Connection, "peer">, ms: number) {
  return notEchoed(connection, `nothing came back for ${ms / 1000} s: is there an echo?`);
}

/** The offset of a connection in the pattern, so that no two send the same bytes at a time. */
export function seedOf(connection: number): number {
  return connection * 7919;
}

/** The losses of all connections; undefined if one has none to report. */
export function sumOf(all: readonly (Losses | undefined)[]): Losses | undefined {
  return all.reduce((sum, one) =>
    sum && one && {
      sent: sum.sent + one.sent,
      lost: sum.lost + one.lost,
      duplicates: sum.duplicates + one.duplicates,
    }
  );
}
