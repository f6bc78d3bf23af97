/** Typed front of `@std/fmt/duration` over its npm mirror. */
import * as mirror from "npm:deno-std@1.4.0/fmt/duration.js";

/** How `format` writes a duration. */
export interface FormatOptions {
  style?: "narrow" | "digital" | "full";
  /** Leave out the parts that are zero. */
  ignoreZero?: boolean;
}

/** Milliseconds as people write them: `1m 3s`. */
export const format: (milliseconds: number, options?: FormatOptions) => string = mirror.format;
