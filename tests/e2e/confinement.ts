/** What the runtime keeps coax away from. */

/**
 * Whether `/proc` and `/dev/full` are closed to coax: since Deno 2.8 only programs with all rights
 * get there. The binary has the pinned Deno inside.
 */
export const SOURCE_IS_CONFINED = !Deno.env.has("COAX_BIN") &&
  !Deno.version.deno.startsWith("2.7.");
