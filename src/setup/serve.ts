/** Serving as the options say: how many connections there may be, and how they end. */
import type { ServeOptions } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { listening } from "../options/groups.ts";
import type { Site } from "./listen.ts";

/**
 * What `serve` is told by the command line and by what is listened on.
 *
 * @param context The command's log, and the signal that stops accepting.
 */
export function serveOptions(
  options: OptionsOf<typeof listening>,
  { admit, held }: Pick<Site, "admit" | "held">,
  { log, stop }: Pick<ServeOptions, "log" | "stop">,
): ServeOptions {
  const { maxConnections, maxPerPeer, grace } = options;
  return { log, stop, maxConnections, maxPerPeer, grace, admit, held };
}
