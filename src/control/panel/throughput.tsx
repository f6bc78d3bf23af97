/// <reference lib="dom" />
/** The throughput of a proxy in both directions, over the last two minutes. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useShared } from "./context.ts";
import { formatRate, formatTime } from "./format.ts";
import type { Rates } from "./rates.ts";
import { onColors } from "./theme.ts";

/** What the plot shows, seconds. */
const SPAN = 120;
const HEIGHT = 200;
/** The least top of the scale, so that a few bytes don't look like a flood. */
const LEAST = 1000;

export function Throughput({ rates, now }: { readonly rates: Rates; readonly now: number }) {
  const { words } = useShared();
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const shown = useRef({ rates, now });
  shown.current = { rates, now };
  useEffect(() => {
    const make = () => {
      plot.current?.destroy();
      plot.current = makePlot(element.current!, () => shown.current.now / 1000);
      plot.current.setData(dataOf(shown.current.rates));
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
  useEffect(() => plot.current?.setData(dataOf(rates)), [rates, now]);
  const { up = 0, down = 0 } = rates.latest ?? {};
  const label = words.plot(formatRate(up), formatRate(down));
  return <div class="plot" ref={element} role="img" aria-label={label} />;
}

function dataOf({ samples }: Rates): uPlot.AlignedData {
  return [
    samples.map(({ time }) => time / 1000),
    samples.map(({ up }) => up),
    samples.map(({ down }) => down),
  ];
}

/** A plot in the colors of the page as it is now. */
function makePlot(element: HTMLElement, now: () => number): uPlot {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const series = (stroke: string): uPlot.Series => ({
    stroke,
    width: 1.75,
    fill: `color-mix(in srgb, ${stroke} 14%, transparent)`,
    points: { show: false },
  });
  const axis: uPlot.Axis = {
    stroke: color("--quiet"),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: color("--rule"), width: 1 },
    ticks: { show: false },
  };
  return new uPlot(
    {
      width: Math.max(1, element.clientWidth),
      height: HEIGHT,
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { range: () => [now() - SPAN, now()] },
        y: { range: (_, __, most) => [0, Math.max(LEAST, most * 1.1)] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 90,
          values: (_, times) => times.map((time) => formatTime(time * 1000)),
        },
        { ...axis, size: 76, values: (_, rates) => rates.map(formatRate) },
      ],
      series: [{}, series(color("--up")), series(color("--down"))],
    },
    [[], [], []],
    element,
  );
}
