/** Draws terminals as one picture in SVG: text stays text, and every cell has its place. */
import { type Element, element, formatXml } from "../../src/ladder/element.ts";
import type { Color, Look, Run } from "./ansi.ts";
import { BAR, CURSOR, GROUND, INK, QUIET, RULE, type Shades, shadesOf } from "./palette.ts";

/** What one terminal shows. */
export interface Screen {
  /** What stands above it: a command, or whose it is. */
  readonly title: string;
  readonly columns: number;
  readonly rows: readonly (readonly Run[])[];
  /** The cell of the cursor, from 0. */
  readonly cursor?: { readonly column: number; readonly row: number };
}

/** Pixels: of a cell; of the bar with the title; around the rows; between terminals. */
const [CELL, ROW, BAR_HEIGHT, MARGIN, GAP] = [8.4, 20, 30, 14, 16];
/** Pixels: from a row's top to its base line; of the type. */
const [BASE, SIZE] = [15, 14];
/** Drawn without gaps between cells: boxes, lines and blocks. */
const JOINED = /^[\u2500-\u259f]+$/;

/** The document. Terminals stand below one another; `title` says what all of it shows. */
export function drawTerminals(screens: readonly Screen[], title: string): string {
  const colors = new Map<Color, Shades>();
  const width = 2 * MARGIN + Math.max(...screens.map(({ columns }) => columns)) * CELL;
  let y = 0;
  const groups = screens.map((screen) => {
    const height = BAR_HEIGHT + 2 * MARGIN + screen.rows.length * ROW;
    const group = drawScreen(screen, y, width, height, colors);
    y += height + GAP;
    return group;
  });
  const size = { width: Math.ceil(width), height: y - GAP };
  const viewBox = `0 0 ${size.width} ${size.height}`;
  const document = element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", class: "terminal", viewBox, ...size, role: "img" },
    [element("title", {}, [title]), element("style", {}, [styleWith(colors)]), ...groups],
  );
  return [...formatXml(document), "\n"].join("");
}

function drawScreen(
  { title, rows, cursor }: Screen,
  top: number,
  width: number,
  height: number,
  colors: Map<Color, Shades>,
): Element {
  const frame = { x: 0.5, y: 0.5, width: Math.ceil(width) - 1, height: height - 1, rx: 8 };
  const bar = `M.5 ${BAR_HEIGHT}V8.5a8 8 0 0 1 8 -8H${
    frame.width - 7.5
  }a8 8 0 0 1 8 8V${BAR_HEIGHT}Z`;
  return element("g", { transform: `translate(0 ${top})` }, [
    element("rect", { class: "frame", ...frame }),
    element("path", { class: "bar", d: bar }),
    element("text", { class: "title", x: MARGIN, y: 20 }, [title]),
    ...cursor
      ? [element("rect", { class: "cursor", ...placeOf(cursor.column, cursor.row), ...cells(1) })]
      : [],
    ...rows.flatMap((row, i) => row.flatMap((run) => drawRun(run, i, colors))),
  ]);
}

/** The upper left corner of a cell. */
function placeOf(column: number, row: number): { x: number; y: number } {
  return { x: MARGIN + column * CELL, y: BAR_HEIGHT + MARGIN + row * ROW };
}

function cells(width: number): { width: number; height: number } {
  return { width: width * CELL, height: ROW };
}

/** The length is fixed, so that columns stand where they do in a terminal, with any font. */
function drawRun(
  { column, text, width, kind, look }: Run,
  row: number,
  colors: Map<Color, Shades>,
): Element[] {
  const { x, y } = placeOf(column, row);
  const [front, back] = groundsOf(look);
  const attributes: Record<string, string | number> = kind === "wide"
    ? { x: centers(x, text.length), y: y + BASE }
    : { x, y: y + BASE, textLength: width * CELL };
  if (JOINED.test(text)) attributes.lengthAdjust = "spacingAndGlyphs";
  const classes = [front && nameOf(front, colors), ...stylesOf(look)].filter(Boolean);
  if (classes.length > 0) attributes.class = classes.join(" ");
  const behind = back && element("rect", { class: nameOf(back, colors), x, y, ...cells(width) });
  return [...behind ? [behind] : [], element("text", attributes, [text])];
}

/** Where wide characters, which fonts draw as wide as they are high, begin within their cells. */
function centers(x: number, count: number): string {
  const inset = CELL - SIZE / 2;
  return Array.from({ length: count }, (_, i) => round(x + 2 * i * CELL + inset)).join(" ");
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

type Ground = Color | "ink" | "ground" | undefined;

/** Colors of the text and of what is behind it. */
function groundsOf({ color, back, inverse }: Look): [Ground, Ground] {
  return inverse ? [back ?? "ground", color ?? "ink"] : [color, back];
}

function nameOf(color: Color | "ink" | "ground", colors: Map<Color, Shades>): string {
  if (color === "ink" || color === "ground") return color;
  colors.set(color, shadesOf(color));
  return classOf(color);
}

function classOf(color: Color): string {
  return `c${typeof color === "number" ? color : color.slice(1)}`;
}

function stylesOf({ bold, dim, italic, underline }: Look): (string | false | undefined)[] {
  return [bold && "bold", dim && "dim", italic && "italic", underline && "underline"];
}

function styleWith(colors: ReadonlyMap<Color, Shades>): string {
  const named = { ground: GROUND, ink: INK, quiet: QUIET, bar: BAR, rule: RULE, cursor: CURSOR };
  const all: [string, Shades][] = [
    ...Object.entries(named),
    ...[...colors].map(([color, shades]): [string, Shades] => [classOf(color), shades]),
  ];
  const variables = (shade: keyof Shades) =>
    all.map(([name, shades]) => `--${name}: ${shades[shade]};`).join(" ");
  return `
.terminal { ${variables("light")} }
@media (prefers-color-scheme: dark) { .terminal { ${variables("dark")} } }
.terminal text { fill: var(--ink); font: ${SIZE}px ui-monospace, "SF Mono", Menlo, Consolas,
  "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; white-space: pre; }
.terminal .frame { fill: var(--ground); stroke: var(--rule); }
.terminal .bar { fill: var(--bar); stroke: var(--rule); }
.terminal .title { fill: var(--quiet); font: 600 13px system-ui, "Segoe UI", Roboto, "Noto Sans",
  "Noto Sans CJK SC", sans-serif; }
.terminal .cursor { fill: var(--cursor); opacity: 0.55; }
.terminal .dim { fill: var(--quiet); } .terminal .bold { font-weight: 700; }
.terminal .italic { font-style: italic; } .terminal .underline { text-decoration: underline; }
.terminal .ink { fill: var(--ink); } .terminal .ground { fill: var(--ground); }
${
    [...colors.keys()].map((color) =>
      `.terminal .${classOf(color)} { fill: var(--${classOf(color)}); }`
    ).join("\n")
  }
`.replace(/\n\n$/, "\n");
}
