/// <reference lib="dom" />
import type { Sample } from "./rates.ts";

const [WIDTH, HEIGHT] = [120, 24];
/** Samples that are drawn: half a minute. */
const SAMPLES = 60;

/** The latest throughput in both directions, without numbers. */
export function Sparkline({ samples }: { readonly samples: readonly Sample[] }) {
  const latest = samples.slice(-SAMPLES);
  const most = Math.max(1, ...latest.map(({ up, down }) => Math.max(up, down)));
  const path = (rate: (sample: Sample) => number) =>
    latest.map((sample, i) => {
      const x = WIDTH - (latest.length - 1 - i) * WIDTH / (SAMPLES - 1);
      const y = HEIGHT - 1 - rate(sample) / most * (HEIGHT - 2);
      return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    }).join("");
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="up" d={path(({ up }) => up)} />
      <path class="down" d={path(({ down }) => down)} />
    </svg>
  );
}
