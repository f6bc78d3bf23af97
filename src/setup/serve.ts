/** Serving as the options say: how many connections there may be, and how they end. */
import type { ServeOptions } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { listenFlags } from "../options/groups.ts";
import type { BoundListeners } from "./listen.ts";

/**
 * What `serve` is told by the command line and by what is listened on.
 *
 * @param context The command's log, and the signal that stops accepting.
 */
export function serveOptions(
  options: OptionsOf<typeof listenFlags>,
  { admit, held }: Pick<BoundListeners, "admit" | "held">,
  { log, stop }: Pick<ServeOptions, "log" | "stop">,
): ServeOptions {
  const { maxConnections, maxPerPeer, grace } = options;
  return { log, stop, maxConnections, maxPerPeer, grace, admit, held };
}
