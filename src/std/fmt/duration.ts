/** Typed front of `@std/fmt/duration` over its npm mirror. */
import * as mirror from "deno-std/fmt/duration.js";

/** How `format` writes a duration. */
export interface FormatOptions {
  style?: "narrow" | "digital" | "full";
  /** Leave out the parts that are zero. */
  ignoreZero?: boolean;
}

/** Milliseconds as people write them: `1m 3s`. */
export const format: (milliseconds: number, options?: FormatOptions) => string = mirror.format;
