/** Formats results: lines for people, an object for programs. */
import { format as formatBytes } from "@std/fmt/bytes";
import { chart, formatMicroseconds } from "./chart.ts";
import type { Histogram } from "./histogram.ts";
import { describeLosses, type Result } from "./measure.ts";
import type { Mode, Settings } from "./settings.ts";

const PERCENTILES = { p50: 50, p90: 90, p99: 99, "p99.9": 99.9 } as const;

/** Lines of at most `width` columns where the numbers allow it. */
export function summary(result: Result, settings: Settings, width: number): string[] {
  const lines = describe(result, settings, width);
  const problem = result.losses && describeLosses(result.losses);
  return [`${result.mode.padEnd(7)}  ${lines[0]}`]
    .concat(lines.slice(1).map((line) => "  " + line))
    .concat(problem ? [`  ${problem}`] : []);
}

function describe(result: Result, { connections, size }: Settings, width: number): string[] {
  const over = `${connections} connection${connections === 1 ? "" : "s"}`;
  switch (result.mode) {
    case "stream":
      return [
        `${formatBytes(rateOf(result))}/s`,
        `${formatBytes(result.bytes)} came back in ${result.seconds.toFixed(2)} s over ${over}`,
      ];
    case "rtt":
      return [
        Object.entries(percentiles(result.histogram))
          .map(([name, value]) => `${name} ${formatMicroseconds(value)}`).join("  ") + "  µs",
        `${
          result.histogram.totalCount.toLocaleString("en")
        } exchanges of ${size} bytes over ${over}`,
        ...chart(result.histogram, width - 2),
      ];
    case "connect":
      return [
        `${Math.round(result.count / result.seconds).toLocaleString("en")} connections/s`,
        `${result.count.toLocaleString("en")} in ${result.seconds.toFixed(2)} s, ` +
        `${connections} at a time, ${size} bytes there and back on each`,
      ];
  }
}

/** The results by mode, as `--log-format json` prints them: bytes, microseconds, connections. */
export function summaryJson(results: readonly Result[]): Partial<Record<Mode, object>> {
  return Object.fromEntries(results.map((result) => [result.mode, numbers(result)]));
}

function numbers(result: Result): object {
  switch (result.mode) {
    case "stream":
      return { bytes_per_second: Math.round(rateOf(result)) };
    case "rtt":
      return Object.fromEntries(
        Object.entries(percentiles(result.histogram)).map(([name, value]) => [name, value / 1000]),
      );
    case "connect":
      return { per_second: Math.round(result.count / result.seconds * 10) / 10 };
  }
}

function rateOf({ bytes, seconds }: { bytes: number; seconds: number }): number {
  return bytes / seconds;
}

/**
 * Nanoseconds by name, in the order in which they are shown. The histogram returns the upper bound
 * of a bucket, which may be more than the largest recorded value.
 */
function percentiles(histogram: Histogram): Record<string, number> {
  const max = histogram.maxValue;
  const values = Object.entries(PERCENTILES).map(([name, percentile]) => {
    return [name, Math.min(histogram.getValueAtPercentile(percentile), max)];
  });
  return { ...Object.fromEntries(values), max };
}
