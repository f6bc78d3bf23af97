/** Runs contenders in turn and reduces their numbers to medians and ratios. */
import type { Contender, Row } from "./experiment.ts";

/** Median and extremes of several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** coax's number divided by a peer's, run by run. */
export interface Comparison {
  readonly peer: string;
  readonly ratio: Spread;
  readonly bar?: number;
  /** Whether the median ratio meets the bar. */
  readonly met?: boolean;
}

export interface Result {
  readonly row: Row;
  /** By contender, coax first. */
  readonly values: Readonly<Record<string, Spread>>;
  readonly comparisons: readonly Comparison[];
}

/**
 * Runs all contenders in turn for `runs` rounds, after one round to warm up. Each round begins with
 * another contender. Returns `[contender][run][row]`.
 */
export async function interleave(
  contenders: readonly Contender[],
  runs: number,
  progress: (round: number) => void,
): Promise<number[][][]> {
  const samples: number[][][] = contenders.map(() => []);
  for (let round = 0; round <= runs; round++) {
    progress(round);
    for (let i = 0; i < contenders.length; i++) {
      const turn = (i + round) % contenders.length;
      const values = await contenders[turn]!.run();
      if (round > 0) samples[turn]!.push(values);
    }
  }
  return samples;
}

/** The spread of several values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** The result of the row at `index`. Ratios are within a round: what slows one slows all. */
export function resultOf(
  row: Row,
  index: number,
  contenders: readonly Contender[],
  samples: readonly number[][][],
): Result {
  const columns = samples.map((runs) => runs.map((values) => values[index]!));
  const comparisons = contenders.slice(1).map(({ name }, i): Comparison => {
    const ratio = spreadOf(columns[0]!.map((own, round) => own / columns[i + 1]![round]!));
    const bar = row.bars[name];
    if (bar === undefined) return { peer: name, ratio };
    const met = row.better === "more" ? ratio.median >= bar : ratio.median <= bar;
    return { peer: name, ratio, bar, met };
  });
  const values = Object.fromEntries(contenders.map(({ name }, i) => [name, spreadOf(columns[i]!)]));
  return { row, values, comparisons };
}
