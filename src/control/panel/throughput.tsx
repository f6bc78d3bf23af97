/// <reference lib="dom" />
/** The throughput of a proxy in both directions. */
import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { useShared } from "./context.ts";
import { formatRate } from "./format.ts";
import { Plot } from "./plot.tsx";
import type { Rates } from "./rates.ts";

/** The least top of the scale: 1 kB/s. */
const LEAST = 1000;

export function Throughput({ rates, now }: { readonly rates: Rates; readonly now: number }) {
  const { words } = useShared();
  const data = useMemo(() => dataOf(rates), [rates, rates.latest]);
  const { up = 0, down = 0 } = rates.latest ?? {};
  return (
    <figure>
      <figcaption>{words.throughput}</figcaption>
      <Plot
        data={data}
        now={now}
        colors={["--up", "--down"]}
        least={LEAST}
        label={words.plot(formatRate(up), formatRate(down))}
        format={formatRate}
      />
    </figure>
  );
}

function dataOf({ samples }: Rates): uPlot.AlignedData {
  return [
    samples.map(({ time }) => time / 1000),
    samples.map(({ up }) => up),
    samples.map(({ down }) => down),
  ];
}
