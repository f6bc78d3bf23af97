/** Draws ladders as a picture in SVG. */
import { type Element, element } from "./element.ts";
import { columnsOf, cut, cutQuoted, wrap } from "./fit.ts";
import type { Arrow, Fold, Ladder, LineState, Note, Party, Row } from "./ladder.ts";
import { styleOfArrow, styleOfNote } from "./style.ts";
import { COLUMN, columnsIn, cross, head, LESSON_COLUMN, textAt } from "./svg_parts.ts";
import { STYLE } from "./svg_style.ts";
import { timeFormat } from "./units.ts";
import type { Words } from "./words/mod.ts";

export interface SvgOptions {
  readonly words: Words;
  /** Whether each kind of row is explained where it is first seen; every row is when pointed at. */
  readonly explain: boolean;
  /** Pixels of the picture's width. */
  readonly width?: number;
}

/** Pixels: of the picture, around it, to the first party's line, and beside the last one's. */
const [WIDTH, MARGIN, FIRST, BESIDE] = [880, 20, 124, 44];
/** Pixels: of a row, from its top to its arrow, and of a line of explanation. */
const [ROW, ARROW, LESSON] = [32, 20, 19];
/** Pixels: height of a party's box, and between boxes and rows. */
const [BOX, GAP] = [48, 8];

/** The picture of all ladders, one below the other. */
export function drawSvg(ladders: readonly Ladder[], options: SvgOptions): Element {
  const explained = new Set<string>();
  let y = MARGIN;
  const groups = ladders.map((ladder) => {
    const drawing = new Drawing(ladder, options, explained, ladders.length > 1, y);
    y += drawing.height + MARGIN;
    return drawing.group;
  });
  const { words, explain, width = WIDTH } = options;
  const legend = explain ? [textAt(MARGIN, y + 4, words.legend, "lesson")] : [];
  if (explain) y += LESSON + MARGIN / 2;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "ladder",
      viewBox: `0 0 ${width} ${Math.round(y)}`,
      width,
      height: Math.round(y),
      lang: words.tag,
    },
    [
      element("style", {}, [STYLE]),
      element("rect", { class: "card", width: "100%", height: "100%", rx: 12 }),
      ...groups,
      ...legend,
    ],
  );
}

class Drawing {
  readonly group: Element;
  readonly #columns: readonly number[];
  readonly #time: (t: number) => string;
  readonly #parts: Element[] = [];
  /** The parties' lines, which all else is drawn over. */
  readonly #lines: Element[] = [];
  /** Where each party's line has changed last, and what it has been since. */
  readonly #since: { y: number; state: LineState }[];
  readonly #width: number;
  /** Column of the last party's line. */
  readonly #last: number;
  #y = 0;

  constructor(
    private readonly ladder: Ladder,
    private readonly options: SvgOptions,
    private readonly explained: Set<string>,
    several: boolean,
    top: number,
  ) {
    const { parties, rows, seconds } = ladder;
    this.#width = options.width ?? WIDTH;
    this.#last = this.#width - BESIDE;
    const heading = options.words.heading(ladder, several);
    this.#columns = parties.map((_, i) => FIRST + (this.#last - FIRST) * i / (parties.length - 1));
    this.#time = timeFormat(seconds);
    this.#write(MARGIN, 14, cut(heading, columnsIn(this.#width - 2 * MARGIN)), "heading");
    this.#y = 28;
    for (const [i, party] of parties.entries()) this.#box(party, i);
    this.#y += BOX;
    this.#since = parties.map((_, i) => ({ y: this.#y, state: rows[0]?.lines[i] ?? "gone" }));
    this.#y += GAP;
    for (const row of rows) this.#row(row);
    for (const i of parties.keys()) this.#endLine(i, this.#y);
    const transform = `translate(0 ${Math.round(top)})`;
    this.group = element("g", { transform }, [...this.#lines, ...this.#parts]);
  }

  get height(): number {
    return this.#y;
  }

  #write(x: number, y: number, text: string, style: string, anchor = "start"): void {
    this.#parts.push(textAt(x, y, text, style, anchor));
  }

  #box({ address = "", ...party }: Party, i: number): void {
    const { length } = this.#columns;
    const most = columnsIn((this.#last - FIRST) / length) - 3;
    const role = cut(this.options.words.role({ address, ...party }), most);
    const shown = cut(address, most);
    const width = Math.max(columnsOf(role), columnsOf(shown)) * COLUMN + 24;
    const line = this.#columns[i]!;
    const x = Math.max(MARGIN, Math.min(line - width / 2, this.#width - MARGIN - width));
    this.#parts.push(
      element("rect", { class: "box", x, y: this.#y, width, height: BOX, rx: 8 }),
    );
    this.#write(x + 12, this.#y + 20, role, "role");
    this.#write(x + 12, this.#y + 38, shown, "address");
  }

  #row(row: Row): void {
    const y = this.#y + ARROW;
    if (row.kind !== "pause") {
      this.#write(FIRST - 24, y + 4, this.#time(row.t), "time", "end");
    }
    for (const [i, state] of row.lines.entries()) {
      if (this.#since[i]!.state === state) continue;
      this.#endLine(i, y);
      this.#since[i] = { y, state };
    }
    this.#y += ROW;
    this.#parts.push(...this.#drawn(row, y));
    this.#explain(row);
  }

  /** The line of a party from where it has changed down to `y`. */
  #endLine(i: number, y: number): void {
    const { y: start, state } = this.#since[i]!;
    if (state === "gone" || start === y) return;
    const x = this.#columns[i]!;
    this.#lines.push(element("path", { class: `line ${state}`, d: `M${x} ${start}V${y}` }));
  }

  #drawn(row: Row, y: number): Element[] {
    switch (row.kind) {
      case "arrow":
        return [this.#arrow(row, y)];
      case "note":
        return row.what === "over" ? this.#over(row, y) : [this.#note(row, y)];
      case "fold":
        return [this.#middle(row, y, this.options.words.fold(row))];
      case "pause":
        return [this.#middle(row, y, this.options.words.pause(row.seconds))];
    }
  }

  /** A row with the text that shows where it is pointed at. */
  #titled(row: Row, attributes: Record<string, string>, ...children: Element[]): Element {
    const lesson = this.options.words.explain(row, this.ladder);
    const title = lesson ? [element("title", {}, [lesson])] : [];
    return element("g", attributes, [...title, ...children]);
  }

  #arrow(arrow: Arrow & Row, y: number): Element {
    const { words } = this.options;
    const { parties } = this.ladder;
    const [from, to] = [this.#columns[arrow.from]!, this.#columns[arrow.to]!];
    const way = Math.sign(to - from);
    const isDouble = arrow.what === "tls";
    const end = to - way * (arrow.lost ? 18 : 4);
    const shaft = isDouble
      ? `M${from + way * 8} ${y - 2}H${end - way * 4}M${from + way * 8} ${y + 2}H${end - way * 4}`
      : `M${from} ${y}H${end}`;
    const heads = arrow.lost ? [cross(end, y)] : [head(end, y, way)];
    if (isDouble) heads.push(head(from + way * 4, y, -way));
    const size = arrow.load ? words.load(arrow.load) : "";
    const room = columnsIn(Math.abs(to - from) - 28) - (size ? columnsOf(size) + 2 : 0);
    const label = cutQuoted(words.arrow(arrow), room);
    const anchors = way > 0 ? ["start", "end"] : ["end", "start"];
    const texts = [
      textAt(from + way * 10, y - 6, label, arrow.load ? "preview" : "", anchors[0]!),
      textAt(to - way * 14, y - 6, size, "", anchors[1]!),
    ];
    const shown = texts.filter(({ children }) => children[0] !== "");
    const path = element("path", { d: shaft });
    const [sender, receiver] = [arrow.from, arrow.to].map((i) => words.role(parties[i]!));
    const said = [label, size].filter(Boolean).join(", ");
    const attributes = {
      class: `arrow ${styleOfArrow(arrow)}`,
      role: "img",
      "aria-label": `${sender} → ${receiver}: ${said}`,
    };
    return this.#titled(arrow, attributes, path, ...heads, ...shown);
  }

  #note(note: Note & Row, y: number): Element {
    const x = this.#columns[note.at]!;
    const isLast = note.at === this.#columns.length - 1;
    const room = isLast ? x - FIRST - 20 : this.#columns[note.at + 1]! - x - 22;
    const lines = wrap(this.options.words.note(note), columnsIn(room), 3);
    const [at, anchor] = isLast ? [x - 14, "end"] : [x + 14, "start"];
    this.#y += (lines.length - 1) * LESSON;
    return this.#titled(
      note,
      { class: `note ${styleOfNote(note)}` },
      element("circle", { class: "dot", cx: x, cy: y, r: 4.5 }),
      ...lines.map((line, i) => textAt(at as number, y + 4 + i * LESSON, line, "", `${anchor}`)),
    );
  }

  /** The end of all lines. */
  #over(note: Note & Row, y: number): Element[] {
    const ends = this.#columns.map((x) =>
      element("path", { class: "line", d: `M${x - 6} ${y}H${x + 6}` })
    );
    const text = textAt(FIRST + 14, y + 4, this.options.words.note(note), "quiet");
    return [...ends, this.#titled(note, { class: "note" }, text)];
  }

  #middle(row: (Fold | { kind: "pause" }) & Row, y: number, text: string): Element {
    const shown = cut(text, columnsIn(this.#last - FIRST - 80));
    const middle = (FIRST + this.#last) / 2;
    const width = columnsOf(shown) * COLUMN + 32;
    const box = { class: "box", x: middle - width / 2, y: y - 12, width, height: 22, rx: 11 };
    const around = row.kind === "fold" ? [element("rect", box)] : [];
    const words = textAt(middle, y + 4, shown, row.kind === "fold" ? "fold" : "quiet", "middle");
    return this.#titled(row, { class: "note" }, ...around, words);
  }

  #explain(row: Row): void {
    const text = this.options.explain ? this.options.words.explain(row, this.ladder) : "";
    if (text === "" || this.explained.has(text)) return;
    this.explained.add(text);
    for (const line of wrap(text, Math.floor((this.#last - FIRST - 28) / LESSON_COLUMN))) {
      this.#write(FIRST + 14, this.#y + 10, line, "lesson");
      this.#y += LESSON;
    }
    this.#y += 4;
  }
}
