/**
 * The parts of a benchmark. An experiment sets contenders up and has them do the same work; each
 * number of a run is a row of the table. Only coax's ratio to each peer counts: absolute numbers
 * depend on the machine and on whatever else runs on it.
 */
import type { Lab } from "./lab.ts";

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Whether a larger or a smaller number is better. */
  readonly better: "more" | "less";
  /** The bar for coax's number divided by the peer's, by the peer's name. */
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
  /** What a run does and how it is measured, for the report. */
  readonly about: string;
  /** What keeps the numbers from being better, to follow "What bounds it:"; curves say it above. */
  readonly bound?: string;
  /** Starts the contenders, of which coax is the first. The lab stops what it started. */
  setUp(lab: Lab): Promise<Contender[]>;
}

/** The name of a contender that is a fixed limit, not a program. */
export const LIMIT = "the limit";

export function limited(...values: number[]): Contender {
  return { name: LIMIT, run: () => Promise.resolve(values) };
}
