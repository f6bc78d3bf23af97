/** One line of a terminal as cells, which nothing written to it can make wider. */
import { charactersOf } from "./fit.ts";
import type { RowStyle } from "./style.ts";

/** What a text is, by which it gets its color. */
export type Style = RowStyle | "title" | "quiet" | "plain";

export interface Segment {
  readonly text: string;
  readonly style: Style;
}

/** A line as segments of one style each, without spaces at its end. */
export type Line = readonly Segment[];

interface Cell {
  /** A character with its marks; empty behind one that takes two columns. */
  readonly text: string;
  readonly style: Style;
}

const BLANK: Cell = { text: " ", style: "plain" };

export class Canvas {
  readonly #cells: Cell[];

  constructor(readonly width: number) {
    this.#cells = Array(Math.max(0, width)).fill(BLANK);
  }

  /** Writes `text` from column `x` on; what doesn't fit is cut off. */
  put(x: number, text: string, style: Style = "plain"): void {
    let at = x;
    for (const [char, columns] of charactersOf(text)) {
      if (columns === 0) continue;
      if (at < 0 || at + columns > this.width) return;
      this.#free(at);
      this.#free(at + columns - 1);
      this.#cells[at] = { text: char, style };
      if (columns > 1) this.#cells.fill({ text: "", style }, at + 1, at + columns);
      at += columns;
    }
  }

  /** Writes `char` into every column from `from` up to, but not including, `to`. */
  fill(from: number, to: number, char: string, style: Style): void {
    for (let x = from; x < to; x++) this.put(x, char, style);
  }

  /** Blanks the whole of a wide character of which column `x` will be overwritten. */
  #free(x: number): void {
    let start = x;
    while (start > 0 && this.#cells[start]!.text === "") start--;
    let end = start + 1;
    while (this.#cells[end]?.text === "") end++;
    this.#cells.fill(BLANK, start, end);
  }

  line(): Line {
    const segments: Segment[] = [];
    const last = this.#cells.findLastIndex((cell) => cell !== BLANK);
    for (const { text, style } of this.#cells.slice(0, last + 1)) {
      const before = segments.at(-1);
      if (before && (before.style === style || text === " ")) {
        segments[segments.length - 1] = { text: before.text + text, style: before.style };
      } else segments.push({ text, style });
    }
    return segments;
  }
}
