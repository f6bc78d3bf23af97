/// <reference lib="dom" />
/** How long the clients of a proxy wait for answers: now, and over the last two minutes. */
import { useId, useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { useShared } from "./context.ts";
import { formatMilliseconds } from "./format.ts";
import { Plot } from "./plot.tsx";
import type { RoundTripSample, RoundTripSamples } from "./round_trip_samples.ts";

/** The least top of the scale: 1 ms. */
const LEAST = 1;

interface RoundTripProps {
  readonly roundTrips: RoundTripSamples;
  readonly now: number;
}

export function RoundTripPlot({ roundTrips, now }: RoundTripProps) {
  const { words } = useShared();
  const why = useId();
  const { samples } = roundTrips;
  const data = useMemo(() => dataOf(samples), [roundTrips, samples.at(-1)]);
  return (
    <figure aria-describedby={why}>
      <figcaption>
        {words.roundTrip} <span class="key median">{words.median}</span>
        <span class="key slowest">{words.slowest}</span>
      </figcaption>
      <Plot
        data={data}
        now={now}
        colors={["--slowest", "--median"]}
        least={LEAST}
        label={labelOf(roundTrips.latest, words)}
        format={formatMilliseconds}
      />
      <p class="quiet why" id={why}>{words.roundTripWhy}</p>
    </figure>
  );
}

/** The same beside the other numbers of a proxy. */
export function RoundTripTile({ roundTrips }: Pick<RoundTripProps, "roundTrips">) {
  const { words } = useShared();
  const { median, p99 } = roundTrips.latest ?? {};
  return (
    <div class="median">
      <dt>{words.roundTrip}</dt>
      <dd>{shownTime(median)}</dd>
      <dd class="quiet">{words.slowest}: {shownTime(p99)}</dd>
    </div>
  );
}

function labelOf(
  latest: RoundTripSample | undefined,
  words: ReturnType<typeof useShared>["words"],
): string {
  if (!latest) return words.noRoundTrip;
  return words.roundTripPlot(shownTime(latest.median), shownTime(latest.p99));
}

function shownTime(milliseconds: number | null | undefined): string {
  return milliseconds === null || milliseconds === undefined
    ? "–"
    : formatMilliseconds(milliseconds);
}

function dataOf(samples: readonly RoundTripSample[]): uPlot.AlignedData {
  return [
    samples.map(({ time }) => time / 1000),
    samples.map(({ p99 }) => p99),
    samples.map(({ median }) => median),
  ];
}
