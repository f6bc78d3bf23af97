/** Draws a histogram of durations in plain characters. */
import type { Histogram } from "./histogram.ts";

/** Rows of the histogram. */
const ROWS = 12;
/** Columns of the longest bar, at least: a narrower one shows no difference. */
const MIN_BAR_WIDTH = 10;

/** The number of durations up to `upTo` nanoseconds that no earlier row has. */
interface Row {
  readonly upTo: number;
  readonly count: number;
}

/**
 * Lines of at most `width` columns. Each row's durations are longer by the same factor: latencies
 * lie close together but for a few that take a hundred times as long.
 */
export function chart(histogram: Histogram, width: number): string[] {
  const rows = rowsOf(histogram);
  const largest = Math.max(...rows.map(({ count }) => count));
  const labels = rows.map(({ upTo }) => `<= ${formatMicroseconds(upTo)} µs`);
  const counts = rows.map(({ count }) => count.toLocaleString("en"));
  const widest = (texts: string[]) => Math.max(...texts.map((text) => text.length));
  const barWidth = Math.max(MIN_BAR_WIDTH, width - widest(labels) - widest(counts) - 4);
  return rows.map(({ count }, i) => {
    const bar = "#".repeat(Math.ceil(count / largest * barWidth));
    return `${labels[i]!.padStart(widest(labels))}  ${counts[i]!.padStart(widest(counts))}  ${bar}`
      .trimEnd();
  });
}

function rowsOf(histogram: Histogram): Row[] {
  if (histogram.totalCount === 0) return [];
  const low = Math.max(1, histogram.minNonZeroValue);
  const high = Math.max(low, histogram.maxValue);
  const factor = (high / low) ** (1 / ROWS);
  if (factor === 1) return [{ upTo: high, count: histogram.totalCount }];
  const counts = new Array<number>(ROWS).fill(0);
  const values = histogram.recordedValuesIterator;
  values.reset();
  while (values.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = values.next();
    const row = Math.ceil(Math.log(Math.max(valueIteratedTo, low) / low) / Math.log(factor)) - 1;
    counts[Math.min(Math.max(row, 0), ROWS - 1)]! += countAddedInThisIterationStep;
  }
  return counts.map((count, i) => ({ upTo: low * factor ** (i + 1), count }));
}

/** Nanoseconds as microseconds, with at least three digits. */
export function formatMicroseconds(nanoseconds: number): string {
  const value = nanoseconds / 1000;
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
