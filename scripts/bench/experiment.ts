/**
 * What a benchmark is made of. An experiment sets contenders up and has them do the same work; each
 * number that one run yields is a row of the table. Only coax's ratio to each peer means anything:
 * the machine, and whatever else runs on it, is in every lone number.
 */
import type { Lab } from "./lab.ts";

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Which way is good. */
  readonly better: "more" | "less";
  /** What coax's number divided by a peer's must reach, or must not exceed, by the peer's name. */
  readonly bars: Readonly<Record<string, number>>;
}

/** A program that does the work. */
export interface Contender {
  readonly name: string;
  /** Does the work once and yields a number for each row, in their order. */
  run(): Promise<number[]>;
}

export interface Experiment {
  readonly rows: readonly Row[];
  /** What a run does and how it is counted, for the reader of the report. */
  readonly about: string;
  /** Starts what is needed; the first contender is coax. Whatever the lab started, it ends. */
  setUp(lab: Lab): Promise<Contender[]>;
}
