/** Small parts of a ladder in SVG, in pixels. */
import { type Element, element } from "./element.ts";

/** Widths of a column of text, and of one in explanations, both with a margin. */
export const [COLUMN, LESSON_COLUMN] = [7.9, 7.2];

/** A text whose start, middle or end is at `x`, with its base line at `y`. */
export function textAt(
  x: number,
  y: number,
  text: string,
  style: string,
  anchor = "start",
): Element {
  const attributes: Record<string, string | number> = { x, y };
  if (style) attributes.class = style;
  if (anchor !== "start") attributes["text-anchor"] = anchor;
  return element("text", attributes, [text]);
}

/** The tip of an arrow that points to `x`. */
export function head(x: number, y: number, way: number): Element {
  return element("path", { class: "head", d: `M${x + way * 3} ${y}l${-way * 10} -5v10z` });
}

/** What an arrow ends with that never arrived. */
export function cross(x: number, y: number): Element {
  return element("path", { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` });
}

/** Columns of text that `pixels` have room for. */
export function columnsIn(pixels: number): number {
  return Math.floor(pixels / COLUMN);
}
