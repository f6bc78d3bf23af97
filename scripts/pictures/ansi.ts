/** Reads rows of a terminal, as `tmux capture-pane -e` prints them: text, and colors by SGR. */
import { clusters } from "../../src/talk/terminal/cells.ts";

/** One of the terminal's 16 colors, or `#rrggbb`. */
export type Color = number | `#${string}`;

/** How a character looks (ECMA-48, section 8.3.117, SGR). */
export interface Look {
  readonly color?: Color;
  readonly back?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

/** Characters of one look that stand side by side, each as wide as the others. */
export interface Run {
  /** Of its first cell, from 0. */
  readonly column: number;
  readonly text: string;
  /** Of all of it, in cells. */
  readonly width: number;
  /** `wide` has characters of two cells, one UTF-16 unit each; `cluster` is one of any kind. */
  readonly kind: "ascii" | "narrow" | "wide" | "cluster";
  readonly look: Look;
}

const TOKEN = /\x1b\[([\d;:]*)m|([^\x1b\x00-\x1f\x7f-\x9f]+)|[^]/gu;
/** Characters that fonts for terminals agree on. */
const ASCII = /^[\x20-\x7e]$/;
/** Two spaces or more: what is behind them gets a place of its own. */
const GAP = 2;

/** The runs of each row. Throws for a control sequence that isn't SGR. */
export function readRows(text: string): Run[][] {
  let look: Look = {};
  return text.replaceAll("\r\n", "\n").replace(/\n+$/, "").split("\n").map((row) => {
    const line = new Line();
    for (const [token, parameters, plain] of row.matchAll(TOKEN)) {
      if (parameters !== undefined) look = lookAfter(look, parameters);
      else if (plain !== undefined) line.add(plain, look);
      else throw new Error(`a picture can't show ${JSON.stringify(token)}`);
    }
    return line.runs;
  });
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What is written to one row, joined to runs. */
class Line {
  readonly #runs: Writable<Run>[] = [];
  #column = 0;
  /** Spaces that nothing has followed yet. */
  #spaces = 0;

  add(text: string, look: Look): void {
    const isSeen = look.back !== undefined || look.inverse || look.underline;
    for (const cluster of clusters(text)) {
      if (cluster.text === " " && !isSeen) this.#spaces++;
      else this.#put(cluster.text, cluster.width, look);
    }
  }

  get runs(): Run[] {
    return this.#runs;
  }

  #put(text: string, width: number, look: Look): void {
    const kind = kindOf(text, width);
    const last = this.#runs.at(-1);
    const spaces = this.#spaces;
    this.#spaces = 0;
    this.#column += spaces;
    const mayJoin = kind === "ascii" ? spaces < GAP : spaces === 0 && kind !== "cluster";
    if (last?.look === look && last.kind === kind && mayJoin) {
      last.text += " ".repeat(spaces) + text;
      last.width += spaces + width;
    } else {
      this.#runs.push({ column: this.#column, text, width, look, kind });
    }
    this.#column += width;
  }
}

function kindOf(text: string, width: number): Run["kind"] {
  if (ASCII.test(text)) return "ascii";
  if (text.length > 1) return "cluster";
  return width === 2 ? "wide" : "narrow";
}

/** The look after a sequence with these parameters. */
function lookAfter(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let after = look;
  while (codes.length > 0) after = { ...after, ...changeBy(codes.shift()!, codes) };
  return after;
}

const PLAIN = {
  color: undefined,
  back: undefined,
  bold: undefined,
  dim: undefined,
  italic: undefined,
  underline: undefined,
  inverse: undefined,
} as const;

const CHANGES: Readonly<Record<number, Look>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  22: { bold: undefined, dim: undefined },
  23: { italic: undefined },
  24: { underline: undefined },
  27: { inverse: undefined },
  39: { color: undefined },
  49: { back: undefined },
};

/** What a code changes; those that follow it and belong to it are taken from `rest`. */
function changeBy(code: number, rest: number[]): Look {
  if (CHANGES[code]) return CHANGES[code];
  if (code === 38) return { color: longColor(rest) };
  if (code === 48) return { back: longColor(rest) };
  const [tens, ones] = [Math.floor(code / 10), code % 10];
  if (ones < 8) {
    if (tens === 3) return { color: ones };
    if (tens === 4) return { back: ones };
    if (tens === 9) return { color: 8 + ones };
    if (tens === 10) return { back: 8 + ones };
  }
  throw new Error(`a picture can't show SGR ${code}`);
}

/** `5;N` is one of xterm's 256 colors, `2;R;G;B` any. */
function longColor(rest: number[]): Color {
  const kind = rest.shift();
  if (kind === 5) return indexed(rest.shift() ?? 0);
  if (kind === 2) return hex(rest.splice(0, 3));
  throw new Error(`a picture can't show a color of kind ${kind}`);
}

/** xterm's 256 colors: 16 of the terminal, a cube of 6 × 6 × 6, 24 grays. */
function indexed(index: number): Color {
  if (index < 16) return index;
  if (index >= 232) return hex(Array(3).fill(8 + 10 * (index - 232)));
  const level = (step: number) => step === 0 ? 0 : 55 + 40 * step;
  const cube = index - 16;
  return hex([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level));
}

function hex(parts: readonly number[]): Color {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
