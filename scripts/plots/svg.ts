/** Draws a figure as a small SVG document, with colours for light and for dark. */
import type { Axis, Figure, Mark, Point } from "./figure.ts";

const WIDTH = 640;
/** Around the plot area; `left` is wider where rows have names. */
const MARGIN = { top: 58, right: 22, bottom: 30, left: 64, leftOfRows: 148 };
const HEIGHT = { axes: 220, row: 26 };
/** Half of the cross that marks an end. */
const CROSS = 4;

const STYLE = `
svg { --back: #fff; --ink: #1f2328; --soft: #57606a; --grid: #d8dee4; --change: #8250df;
  --s0: #0969da; --s1: #bc4c00; --s2: #1a7f37; background: var(--back) }
@media (prefers-color-scheme: dark) { svg { --back: #0d1117; --ink: #e6edf3; --soft: #9198a1;
  --grid: #2f353d; --change: #bc8cff; --s0: #58a6ff; --s1: #f0883e; --s2: #56d364 } }
.back { fill: var(--back); stroke: var(--grid) }
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--soft) }
.title { font-size: 14px; font-weight: 600; fill: var(--ink) }
.end { text-anchor: end } .middle { text-anchor: middle }
.grid { stroke: var(--grid) } .zero { stroke: var(--soft) }
path { fill: none } .line, .stairs { stroke-width: 2; stroke-linejoin: round }
.dots { stroke-width: 5; stroke-linecap: round } .stems { stroke-width: 3 } .ends { stroke-width: 2 }
.s0 { stroke: var(--s0) } .s1 { stroke: var(--s1) } .s2 { stroke: var(--s2) }
text.s0 { fill: var(--s0) } text.s1 { fill: var(--s1) } text.s2 { fill: var(--s2) }
text.s0, text.s1, text.s2 { stroke: none } .bars { fill: currentColor; stroke: none }
.bars.s0 { fill: var(--s0) } .bars.s1 { fill: var(--s1) }
.change { stroke: var(--change); stroke-dasharray: 3 3 } text.change { fill: var(--change); stroke: none }
`.trim();

/** Where a value lies on the page. */
type Scale = (value: number) => number;

interface Plane {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly bottom: number;
}

/** The document's text. */
export function draw(figure: Figure): string {
  const { x: axis, y, title, measured } = figure;
  const rows = "rows" in y ? y.rows : undefined;
  const left = rows ? MARGIN.leftOfRows : MARGIN.left;
  const height = rows ? MARGIN.top + rows.length * HEIGHT.row + MARGIN.bottom : HEIGHT.axes;
  const bottom = height - MARGIN.bottom;
  const points = figure.marks.flatMap(pointsOf);
  const plane: Plane = {
    left,
    bottom,
    x: scale(reaching(axis, points.map(([x]) => x)), left, WIDTH - MARGIN.right),
    y: "rows" in y
      ? (row) => MARGIN.top + (row + 0.5) * HEIGHT.row
      : scale(reaching(y, points.map(([, y]) => y)), bottom, MARGIN.top + 4),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" ` +
    `height="${height}" role="img">`,
    `<title>${escape(title)}</title><desc>${escape(measured)}</desc><style>${STYLE}</style>`,
    `<rect class="back" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    text(12, 22, title, "title"),
    text(12, 40, measured),
    ...("rows" in y ? rowNames(y.rows, plane) : verticalAxis(y, plane)),
    ...horizontalAxis(axis, plane),
    ...figure.marks.map((mark) => markOf(mark, plane)),
    "</svg>",
    "",
  ].join("\n");
}

/** What has to fit; a bar has a width. */
function pointsOf(mark: Mark): readonly Point[] {
  if (mark.kind === "bars") return mark.points.map(([x, y]) => [x + mark.width, y]);
  return "points" in mark ? mark.points : [];
}

/** The axis, up to the greatest value. */
function reaching(axis: Axis, values: readonly number[]): Axis {
  return { ...axis, to: values.reduce((most, value) => Math.max(most, value), axis.to) };
}

function scale({ from, to, isLog }: Axis, start: number, end: number): Scale {
  const measure = isLog ? Math.log10 : (value: number) => value;
  const low = measure(from ?? (isLog ? 1 : 0));
  const part = (value: number) => (measure(value) - low) / (measure(to) - low);
  return (value) => start + part(value) * (end - start);
}

function verticalAxis({ label, ticks }: Axis, { y, left }: Plane): string[] {
  return [
    ...ticks.map((tick) =>
      `<path class="grid" d="M${left} ${round(y(tick))}H${WIDTH - MARGIN.right}"/>` +
      text(left - 6, y(tick) + 4, `${tick}`, "end")
    ),
    text(WIDTH - MARGIN.right, MARGIN.top - 6, label, "end"),
  ];
}

function rowNames(rows: readonly string[], { y, left }: Plane): string[] {
  return rows.map((name, row) =>
    `<path class="grid" d="M${left} ${y(row)}H${WIDTH - MARGIN.right}"/>` +
    text(left - 10, y(row) + 4, name, "end")
  );
}

function horizontalAxis({ label, ticks }: Axis, { x, left, bottom }: Plane): string[] {
  return [
    `<path class="zero" d="M${left} ${bottom}H${WIDTH - MARGIN.right}"/>`,
    ...ticks.map((tick, i) =>
      i === ticks.length - 1
        ? text(x(tick) + 6, bottom + 18, `${tick} ${label}`, "end")
        : text(x(tick), bottom + 18, `${tick}`, "middle")
    ),
  ];
}

function markOf(mark: Mark, plane: Plane): string {
  const { x, y, bottom } = plane;
  switch (mark.kind) {
    case "change":
      return `<path class="change" d="M${round(x(mark.x))} ${MARGIN.top - 2}V${bottom}"/>` +
        text(x(mark.x) + 4, MARGIN.top + 8, mark.text, "change");
    case "text":
      return text(x(mark.at[0]) + 6, y(mark.at[1]) - 6, mark.text, `s${mark.series}`);
    case "bars":
      return path(
        mark,
        mark.points.map(([at, value]) => {
          const [from, to] = [x(at) + 0.5, x(at + mark.width) - 0.5];
          return `M${round(from)} ${bottom}V${round(y(value))}H${round(to)}V${bottom}Z`;
        }),
      );
    default:
      return path(mark, mark.points.map((point, i) => stepOf(mark.kind, point, i, plane)));
  }
}

function stepOf(kind: string, [px, py]: Point, index: number, { x, y, bottom }: Plane): string {
  const [cx, cy] = [round(x(px)), round(y(py))];
  if (kind === "line") return `${index === 0 ? "M" : "L"}${cx} ${cy}`;
  if (kind === "stairs") return index === 0 ? `M${cx} ${cy}` : `H${cx}V${cy}`;
  if (kind === "stems") return `M${cx} ${bottom}V${cy}`;
  if (kind === "dots") return `M${cx} ${cy}h0`;
  const side = 2 * CROSS;
  return `M${round(x(px) - CROSS)} ${
    round(y(py) - CROSS)
  }l${side} ${side}m-${side} 0l${side} -${side}`;
}

function path({ kind, series }: { kind: string; series: number }, steps: string[]): string {
  return `<path class="${kind} s${series}" d="${steps.join("")}"/>`;
}

function text(x: number, y: number, content: string, style = ""): string {
  const named = style && ` class="${style}"`;
  return `<text x="${round(x)}" y="${round(y)}"${named}>${escape(content)}</text>`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
