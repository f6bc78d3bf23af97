/** `@std/cli` as coax uses it. */
export * from "./parse_args.ts";
