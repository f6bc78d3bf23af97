/** Maps options to those of `serve`: limits on connections, and their grace time. */
import type { ServeOptions } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { listenFlags } from "../options/groups.ts";
import type { BoundListeners } from "./listen.ts";

/**
 * Maps the options and the listeners' limits to the options of `serve`.
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
