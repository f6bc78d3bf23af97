/** Typed front of `@std/cli/parse-args` over its npm mirror. */
import * as mirror from "deno-std/cli/parse_args.js";

/** The part of the parser's options that coax uses. */
export interface ParseOptions {
  /** Collect everything after `--` in `result["--"]`. */
  "--"?: boolean;
  alias?: Record<string, string>;
  boolean?: string[];
  string?: string[];
  collect?: string[];
  /** Called for each argument that no option declares; returning false drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Parsed arguments by name; `_` has the positional ones. */
export interface Args {
  [name: string]: unknown;
  _: string[];
  "--"?: string[];
}

export const parseArgs: (args: string[], options?: ParseOptions) => Args = mirror.parseArgs;
