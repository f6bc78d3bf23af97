/** Tells the log of injected faults. */
import type { Log } from "../core/log.ts";
import type { Emit } from "./chain.ts";

/** Logs each fault as an event; those that happen to every piece once, and the rest with `-v`. */
export function faultLogger(log: Log): Emit {
  return (kind, text, again) => (again ? log.debug : log.info).call(log, "fault", text, { kind });
}
