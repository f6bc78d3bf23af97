/** Typed front of `@std/fmt/bytes` over its npm mirror. */
import * as mirror from "deno-std/fmt/bytes.js";

/** How `format` writes a size. */
export interface FormatOptions {
  /** Powers of 1024 (`KiB`) instead of 1000 (`kB`). */
  binary?: boolean;
  /** Whose decimal marks; by default the user's, where a number of digits is asked for. */
  locale?: string;
  minimumFractionDigits?: number;
  maximumFractionDigits?: number;
}

/** A number of bytes as people write it: `1.34 MB`. */
export const format: (bytes: number, options?: FormatOptions) => string = mirror.format;
