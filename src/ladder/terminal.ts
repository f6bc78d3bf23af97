/** Draws a ladder in lines of a terminal. */
import { Canvas, type Line } from "./canvas.ts";
import { columnsOf, cut, cutQuoted, wrap } from "./fit.ts";
import type { Arrow, Fold, Ladder, LineState, Note, Party, Row } from "./ladder.ts";
import { styleOfArrow, styleOfNote } from "./style.ts";
import { timeFormat } from "./units.ts";
import type { Words } from "./words/mod.ts";

export interface TerminalOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly words: Words;
  /** Whether each kind of row is explained where it is first seen. */
  readonly explain: boolean;
  /** Whether the recording has other connections. */
  readonly several: boolean;
}

/** Widest and narrowest drawing, columns. */
const [WIDEST, NARROWEST] = [110, 8];
/** Columns beside the times that are worth having them. */
const LEAST_BESIDE_TIME = 30;
/** Columns of text in a box that are worth having one. */
const LEAST_IN_BOX = 6;
/** Lines of a note. */
const NOTE_LINES = 3;

const LINE: Readonly<Record<LineState, string>> = { sends: "│", listens: "╎", gone: " " };

/** The lines of one ladder, none wider than `width`. */
export function drawLines(ladder: Ladder, options: TerminalOptions): Line[] {
  return new Drawing(ladder, options).lines();
}

/** How lines are to be read, for who is learning. */
export function legendLines({ width, words }: TerminalOptions): Line[] {
  return wrap(words.legend, widthFor(width)).map((text) => [{ text, style: "quiet" }]);
}

/** The width of a drawing on a terminal. */
function widthFor(columns: number): number {
  return Math.max(NARROWEST, Math.min(columns, WIDEST));
}

/** A party above its line: its place, its border, and what stands in it, line by line. */
interface Box {
  readonly x: number;
  readonly lines: readonly string[];
  readonly texts: readonly string[];
}

class Drawing {
  readonly #width: number;
  /** Columns of the parties' lines. */
  readonly #columns: readonly number[];
  readonly #time: (t: number) => string;
  /** Columns of the times; 0 without. */
  readonly #timeWidth: number;
  readonly #explained = new Set<string>();

  constructor(private readonly ladder: Ladder, private readonly options: TerminalOptions) {
    this.#width = widthFor(options.width);
    this.#time = timeFormat(ladder.seconds);
    const widest = ladder.rows.reduce((most, { t }) => Math.max(most, this.#time(t).length), 0);
    this.#timeWidth = this.#width - widest < LEAST_BESIDE_TIME ? 0 : widest;
    const first = this.#timeWidth > 0 ? this.#timeWidth + 3 : 1;
    const last = this.#width - 2;
    const steps = ladder.parties.length - 1;
    this.#columns = ladder.parties.map((_, i) => first + Math.round((last - first) * i / steps));
  }

  lines(): Line[] {
    const { words, several } = this.options;
    const heading = this.#canvas();
    heading.put(0, cut(words.heading(this.ladder, several), this.#width), "title");
    const rows = this.ladder.rows.flatMap((row) => [...this.#row(row), ...this.#explanation(row)]);
    return [heading.line(), ...this.#parties(), ...rows];
  }

  #canvas(): Canvas {
    return new Canvas(this.#width);
  }

  /** A canvas with the parties' lines. */
  #withLines(lines: readonly LineState[]): Canvas {
    const canvas = this.#canvas();
    for (const [i, x] of this.#columns.entries()) canvas.put(x, LINE[lines[i]!], "quiet");
    return canvas;
  }

  /** The parties in boxes, each above its line. */
  #parties(): Line[] {
    const { parties } = this.ladder;
    const span = this.#columns.at(-1)! - this.#columns[0]! + 3;
    const inner = Math.floor(span / parties.length) - 5;
    if (inner < LEAST_IN_BOX) return [this.#roles(inner + 4)];
    const boxes = parties.map((party, i) => this.#box(party, i, inner));
    return [0, 1, 2, 3].map((row) => {
      const canvas = this.#canvas();
      for (const { x, lines, texts } of boxes) {
        canvas.put(x, lines[row]!, "quiet");
        canvas.put(x + 2, texts[row]!, row === 1 ? "title" : "plain");
      }
      for (const at of this.#columns) if (row === 3) canvas.put(at, "┬", "quiet");
      return canvas.line();
    });
  }

  /** The parties' roles alone, each near its line. */
  #roles(most: number): Line {
    const canvas = this.#canvas();
    for (const [i, party] of this.ladder.parties.entries()) {
      const role = cut(this.options.words.role(party), most);
      const columns = columnsOf(role);
      const isLast = i === this.#columns.length - 1;
      const back = i === 0 ? 0 : isLast ? columns - 1 : Math.floor(columns / 2);
      canvas.put(this.#columns[i]! - back, role, "title");
    }
    return canvas.line();
  }

  #box(party: Party, i: number, most: number): Box {
    const role = cut(this.options.words.role(party), most);
    const address = cut(party.address ?? "", most);
    const inner = Math.max(columnsOf(role), columnsOf(address));
    const line = this.#columns[i]!;
    const places = [line - 1, line - Math.floor((inner + 4) / 2), line - inner - 2];
    const isLast = i === this.#columns.length - 1;
    const x = Math.max(0, places[i === 0 ? 0 : isLast ? 2 : 1]!);
    const edge = "─".repeat(inner + 2);
    const side = `│${" ".repeat(inner + 2)}│`;
    return { x, lines: [`╭${edge}╮`, side, side, `╰${edge}╯`], texts: ["", role, address, ""] };
  }

  #row(row: Row): Line[] {
    const canvases = this.#drawn(row);
    if (this.#timeWidth > 0 && row.kind !== "pause") {
      canvases[0]!.put(0, this.#time(row.t).padStart(this.#timeWidth), "quiet");
    }
    return canvases.map((canvas) => canvas.line());
  }

  #drawn(row: Row): Canvas[] {
    switch (row.kind) {
      case "arrow":
        return [this.#arrow(row)];
      case "note":
        return row.what === "over" ? [this.#over(row)] : this.#note(row);
      case "fold":
        return this.#centered(row, this.options.words.fold(row));
      case "pause":
        return this.#centered(row, this.options.words.pause(row.seconds));
    }
  }

  #arrow(arrow: Arrow & Row): Canvas {
    const canvas = this.#withLines(arrow.lines);
    const [from, to] = [this.#columns[arrow.from]!, this.#columns[arrow.to]!];
    const [a, b] = [Math.min(from, to), Math.max(from, to)];
    const style = styleOfArrow(arrow);
    canvas.fill(a + 1, b, DASHES[arrow.what] ?? "─", style);
    for (const x of this.#columns) if (a < x && x < b) canvas.put(x, "┼", style);
    const isDouble = arrow.what === "tls";
    const end = arrow.lines[arrow.to] === "listens" ? "╎" : "│";
    canvas.put(to, end, "quiet");
    canvas.put(from, isDouble ? "│" : from < to ? "├" : "┤", "quiet");
    if (from < to || isDouble) canvas.put(b - 1, arrow.lost ? "✕" : "▶", style);
    if (from > to || isDouble) canvas.put(a + 1, arrow.lost ? "✕" : "◀", style);
    this.#label(canvas, arrow, [a + (isDouble ? 3 : 2), from < to ? b - 2 : b - 1]);
    return canvas;
  }

  /** Writes what an arrow is near where it begins, and its size near where it ends. */
  #label(canvas: Canvas, arrow: Arrow, [left, right]: readonly [number, number]): void {
    const { words } = this.options;
    const style = styleOfArrow(arrow);
    const room = right - left;
    const size = arrow.load ? ` ${words.load(arrow.load)} ` : "";
    const sizeWidth = columnsOf(size);
    const most = room - sizeWidth - 4;
    const main = arrow.load ? cutQuoted(words.arrow(arrow), most) : cut(words.arrow(arrow), most);
    const mainWidth = columnsOf(main) + 2;
    const isRight = arrow.from < arrow.to;
    if (main !== "") {
      canvas.put(isRight ? left : right - mainWidth - 1, ` ${main} `, arrow.load ? "plain" : style);
    }
    if (size && sizeWidth <= room) canvas.put(isRight ? right - sizeWidth : left + 1, size, style);
  }

  #note(note: Note & Row): Canvas[] {
    const x = this.#columns[note.at]!;
    const isLast = note.at === this.#columns.length - 1;
    const [left, right] = isLast
      ? [this.#columns[0]! + 2, x - 2]
      : [x + 2, this.#columns[note.at + 1]! - 1];
    const lines = wrap(this.options.words.note(note), right - left, NOTE_LINES);
    const style = styleOfNote(note);
    return lines.map((line, i) => {
      const canvas = this.#withLines(note.lines);
      if (i === 0) canvas.put(x, "●", style);
      canvas.put(isLast ? right - columnsOf(line) : left, line, style);
      return canvas;
    });
  }

  /** The end of all lines. */
  #over(note: Note & Row): Canvas {
    const canvas = this.#canvas();
    const [first] = this.#columns;
    for (const x of this.#columns) canvas.put(x, "╵", "quiet");
    canvas.put(first! + 2, cut(this.options.words.note(note), this.#width - first! - 4), "quiet");
    return canvas;
  }

  #centered(row: (Fold | { kind: "pause" }) & Row, text: string): Canvas[] {
    const [left, right] = [this.#columns[0]! + 2, this.#columns.at(-1)! - 1];
    return wrap(text, right - left - 2).map((line) => {
      const canvas = this.#withLines(row.lines);
      if (row.kind === "fold") canvas.fill(left - 1, right + 1, "┄", "quiet");
      const x = left + Math.max(0, Math.floor((right - left - columnsOf(line) - 2) / 2));
      canvas.put(x, ` ${line} `, "quiet");
      return canvas;
    });
  }

  /** What a row means, where that hasn't been said yet. */
  #explanation(row: Row): Line[] {
    const text = this.options.explain ? this.options.words.explain(row, this.ladder) : "";
    if (text === "" || this.#explained.has(text)) return [];
    this.#explained.add(text);
    const left = this.#columns[0]! + 3;
    return wrap(text, this.#columns.at(-1)! - left - 1).map((line) => {
      const canvas = this.#withLines(row.lines);
      canvas.put(left, line, "quiet");
      return canvas.line();
    });
  }
}

const DASHES: Readonly<Partial<Record<Arrow["what"], string>>> = {
  tls: "═",
  fin: "╌",
  close: "╌",
  reset: "━",
};
