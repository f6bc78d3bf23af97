/**
 * The words of this folder. A toxic is a named setting: what shall go wrong, in which direction,
 * with how many connections. A fault is what a toxic does to one direction of one connection.
 */

/** Upstream is what the client sends to the target, downstream the way back. */
export type Stream = "upstream" | "downstream";
export const STREAMS: readonly Stream[] = ["upstream", "downstream"];

/** Those up to `noop` are toxiproxy's, with its names. */
export type ToxicType =
  | "latency"
  | "bandwidth"
  | "slow_close"
  | "timeout"
  | "reset_peer"
  | "slicer"
  | "limit_data"
  | "noop"
  | "slow_open"
  | "limit_time"
  | "stall"
  | "chop"
  | "corrupt"
  | "loss"
  | "duplicate"
  | "reorder";

/** Settings of a toxic by name: `{ latency: 100, jitter: 20 }`. */
export type Attributes = Readonly<Record<string, number | boolean>>;

/** One toxic, complete and checked. */
export interface ToxicSpec {
  /** Unique among the toxics of both streams. */
  readonly name: string;
  readonly type: ToxicType;
  readonly stream: Stream;
  /** The part of all connections that it acts on, from 0 to 1. */
  readonly toxicity: number;
  readonly attributes: Attributes;
  /** What its faults are called in the log and in metrics; its type where there is none. */
  readonly kind?: string;
}

/** A toxic that can't be as it is asked for; the message says why. */
export class ToxicError extends Error {}
