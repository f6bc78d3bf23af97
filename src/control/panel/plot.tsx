/// <reference lib="dom" />
/** A plot of the last two minutes. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { formatTime } from "./format.ts";
import { onColors } from "./theme.ts";

/** What a plot shows, seconds. */
const SPAN = 120;
const HEIGHT = 200;

interface PlotProps {
  /** Times in seconds since the epoch, then the values of each line; null for a gap. */
  readonly data: uPlot.AlignedData;
  /** The end of the time that is shown, milliseconds since the epoch. */
  readonly now: number;
  /** The colors of the lines, as the page's variables are called. */
  readonly colors: readonly string[];
  /** The least top of the scale, so that a little doesn't look like a lot. */
  readonly least: number;
  /** What a screen reader says. */
  readonly label: string;
  /** A value as the scale shows it. */
  format(value: number): string;
}

export function Plot(props: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const make = () => {
      plot.current?.destroy();
      plot.current = makePlot(element.current!, latest);
    };
    const resizing = new ResizeObserver(([entry]) => {
      plot.current?.setSize({ width: Math.floor(entry!.contentRect.width), height: HEIGHT });
    });
    make();
    resizing.observe(element.current!);
    const stop = onColors(make);
    return () => {
      resizing.disconnect();
      stop();
      plot.current?.destroy();
    };
  }, []);
  const { data, label } = props;
  useEffect(() => plot.current?.setData(data), [data]);
  return <div class="plot" ref={element} role="img" aria-label={label} />;
}

/** A plot in the colors of the page as it is now. */
function makePlot(element: HTMLElement, latest: { readonly current: PlotProps }): uPlot {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const { colors, data } = latest.current;
  const axis: uPlot.Axis = {
    stroke: color("--quiet"),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: color("--rule"), width: 1 },
    ticks: { show: false },
  };
  const now = () => latest.current.now / 1000;
  const top = (most: number | null) => Math.max(latest.current.least, (most ?? 0) * 1.1);
  return new uPlot(
    {
      width: Math.max(1, element.clientWidth),
      height: HEIGHT,
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { range: () => [now() - SPAN, now()] },
        y: { range: (_, __, most) => [0, top(most)] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 90,
          values: (_, times) => times.map((time) => formatTime(time * 1000)),
        },
        { ...axis, size: 76, values: (_, values) => values.map(latest.current.format) },
      ],
      series: [{}, ...colors.map((name) => seriesOf(color(name)))],
    },
    data,
    element,
  );
}

function seriesOf(stroke: string): uPlot.Series {
  return {
    stroke,
    width: 1.75,
    fill: `color-mix(in srgb, ${stroke} 14%, transparent)`,
    points: { show: true, size: 3.5, width: 0, fill: stroke, filter: isolated },
  };
}

/** The values between two gaps, which have no line. */
function isolated(plot: uPlot, series: number): number[] {
  const values = plot.data[series]!;
  const isGap = (at: number) => values[at] === null || values[at] === undefined;
  return [...values.keys()].filter((at) => !isGap(at) && isGap(at - 1) && isGap(at + 1));
}
