/** Colors the lines of a drawing for a terminal. */
import { bold, cyan, dim, green, magenta, red, yellow } from "@std/fmt/colors";
import type { Line, Style } from "./canvas.ts";

/** Colors by style; the two directions have those of a relay's hexdump. */
const PAINT: Readonly<Record<Style, (text: string) => string>> = {
  in: magenta,
  out: cyan,
  setup: green,
  end: yellow,
  reset: red,
  fault: red,
  title: bold,
  quiet: dim,
  plain: (text) => text,
};

/** A line as text, with escape sequences only where `color` is true. */
export function paint(line: Line, color: boolean): string {
  return line.map(({ text, style }) => color ? PAINT[style](text) : text).join("").trimEnd();
}
