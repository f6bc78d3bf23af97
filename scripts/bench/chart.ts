/** Draws the ratios of a report as a picture in SVG: coax beside other programs. */
import { type Element, element, formatXml } from "../../src/ladder/element.ts";
import type { Comparison, Result, Spread } from "./measure.ts";

/** Programs that people use in coax's place; other comparisons are with limits, or with itself. */
const PEERS = /^(socat|ncat|haproxy|nginx|websockify)\b/;

/** Pixels: of the picture; where bars may be; of a heading and of a bar with what is around it. */
const [WIDTH, LEFT, RIGHT, TOP, HEADING, ROW] = [760, 170, 690, 92, 28, 22];
const THICK = 12;
/** Ratios at the ends of the axis, which is logarithmic, and those that have a line. */
const [LEAST, MOST] = [0.25, 25];
const TICKS = [0.25, 0.5, 1, 2, 5, 10, 20];

const STYLE = `
.bench { --ground: #ffffff; --ink: #1a2126; --quiet: #56626b; --rule: #dde3e6; --frame: #b9c4ca;
  --ahead: #0f766e; --behind: #b45309; }
@media (prefers-color-scheme: dark) { .bench { --ground: #181d21; --ink: #e6eaed; --quiet: #9ba8b1;
  --rule: #2f383f; --frame: #56626b; --ahead: #2fa597; --behind: #f0a35e; } }
.bench text { fill: var(--quiet); font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.bench .title { fill: var(--ink); font-size: 16px; font-weight: 700; }
.bench .heading, .bench .value { fill: var(--ink); font-weight: 600; }
.bench .frame { fill: var(--ground); stroke: var(--frame); }
.bench .tick { stroke: var(--rule); } .bench .same { stroke: var(--quiet); }
.bench .ahead { fill: var(--ahead); } .bench .behind { fill: var(--behind); }
.bench .range { stroke: var(--ink); stroke-width: 1.5; fill: none; }
`;

/** One bar: how much better than a peer coax is, 1 where both are the same. */
interface Bar {
  readonly peer: string;
  readonly times: Spread;
}

/** The document's text. */
export function drawChart(results: readonly Result[], runs: number): string {
  const groups = results.map((result) => ({ name: result.row.name, bars: barsOf(result) }))
    .filter(({ bars }) => bars.length > 0);
  const parts: Element[] = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    parts.push(textAt(20, y + 19, name, "heading"));
    y += HEADING;
    for (const bar of bars) {
      parts.push(...drawBar(bar, y));
      y += ROW;
    }
  }
  const height = y + 20;
  const lines = TICKS.flatMap((ratio) => drawTick(ratio, y));
  const attributes = { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: "img" };
  const document = element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", class: "bench", ...attributes },
    [...frame(height, runs), ...lines, ...parts],
  );
  return [...formatXml(document), "\n"].join("");
}

function frame(height: number, runs: number): Element[] {
  const title = "coax beside other programs";
  const box = { x: 0.5, y: 0.5, width: WIDTH - 1, height: height - 1, rx: 8 };
  return [
    element("title", {}, [title]),
    element("style", {}, [STYLE]),
    element("rect", { class: "frame", ...box }),
    textAt(20, 30, title, "title"),
    textAt(
      20,
      52,
      `Times as good: the median of ${runs} runs, the lowest and the highest. ` +
        "Right of the line coax is ahead.",
    ),
  ];
}

function barsOf({ row, comparisons }: Result): Bar[] {
  return comparisons.filter(({ peer }) => PEERS.test(peer)).map(({ peer, ratio }) => ({
    peer,
    times: timesBetter(ratio, row.better),
  }));
}

/** Where less is better, twice the peer's number is half as good. */
export function timesBetter(
  { median, min, max }: Comparison["ratio"],
  better: "more" | "less",
): Spread {
  return better === "more"
    ? { median, min, max }
    : { median: 1 / median, min: 1 / max, max: 1 / min };
}

function drawBar({ peer, times }: Bar, y: number): Element[] {
  const [one, end, low, high] = [1, times.median, times.min, times.max].map(place);
  const middle = y + ROW / 2;
  return [
    textAt(LEFT - 12, middle + 4, peer, "", "end"),
    element("rect", {
      class: times.median >= 1 ? "ahead" : "behind",
      x: Math.min(one!, end!),
      y: middle - THICK / 2,
      width: Math.max(1, Math.abs(end! - one!)),
      height: THICK,
    }),
    element("path", {
      class: "range",
      d: `M${low} ${middle}H${high}M${low} ${middle - 3}v6M${high} ${middle - 3}v6`,
    }),
    textAt(Math.max(one!, high!) + 8, middle + 4, `${shortened(times.median)}×`, "value"),
  ];
}

function drawTick(ratio: number, bottom: number): Element[] {
  const x = place(ratio);
  const label = ratio === 1 ? "the same" : `${ratio}×`;
  return [
    element("path", { class: ratio === 1 ? "same" : "tick", d: `M${x} ${TOP - 8}V${bottom + 6}` }),
    textAt(x, TOP - 14, label, "", "middle"),
  ];
}

/** Where a ratio is on the axis; those beyond its ends are at its ends. */
function place(ratio: number): number {
  const part = Math.log(ratio / LEAST) / Math.log(MOST / LEAST);
  return Math.round(10 * (LEFT + Math.min(1, Math.max(0, part)) * (RIGHT - LEFT))) / 10;
}

/** Hundredths near 1, where they matter. */
function shortened(ratio: number): string {
  return ratio.toFixed(ratio < 2 ? 2 : ratio < 10 ? 1 : 0);
}

function textAt(x: number, y: number, text: string, style = "", anchor = "start"): Element {
  const attributes: Record<string, string | number> = { x, y };
  if (style) attributes.class = style;
  if (anchor !== "start") attributes["text-anchor"] = anchor;
  return element("text", attributes, [text]);
}
