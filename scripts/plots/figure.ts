/** What a plot shows, without how it is drawn. */

/** x and y, in units of the axes. */
export type Point = readonly [number, number];

/** One axis; what is measured beyond `to` moves its end. */
export interface Axis {
  readonly label: string;
  readonly to: number;
  readonly ticks: readonly number[];
  /** 1 by default where the axis is logarithmic, else 0. */
  readonly from?: number;
  readonly isLog?: boolean;
}

/** Rows instead of a vertical axis: the y of a point is the row's index, from the top. */
export interface Rows {
  readonly rows: readonly string[];
}

/** Which colour of the palette. */
export type Series = 0 | 1 | 2;

export type Mark =
  /** `ends` are crosses; `stairs` stay where they are until the next point. */
  | {
    readonly kind: "dots" | "line" | "stairs" | "stems" | "ends";
    points: readonly Point[];
    series: Series;
  }
  | { readonly kind: "bars"; points: readonly Point[]; width: number; series: Series }
  /** A vertical line: something was changed here. */
  | { readonly kind: "change"; x: number; text: string }
  | { readonly kind: "text"; at: Point; text: string; series: Series };

export interface Figure {
  /** The file's name, without `.svg`. */
  readonly name: string;
  readonly title: string;
  /** What was measured in this run, in words. */
  readonly measured: string;
  readonly x: Axis;
  readonly y: Axis | Rows;
  readonly marks: readonly Mark[];
}

/** The value below which `part` (0 to 1) of the others lie. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
