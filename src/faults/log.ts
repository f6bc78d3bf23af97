/** Tells the log of injected faults. */
import type { Connection } from "../core/duplex.ts";
import { counted } from "../core/format.ts";
import type { Log } from "../core/log.ts";
import type { Emit } from "./chain.ts";

/** Logs each fault as an event; those that happen to every piece once, and the rest with `-v`. */
export function faultLogger(log: Log): Emit {
  return (kind, text, again) => (again ? log.debug : log.info).call(log, "fault", text, { kind });
}

/** Logs what faults had taken for a connection that was over before they delivered it. */
export function lossLogger({ peer, framing }: Connection, log: Log): (count: number) => void {
  return (count) => {
    const what = counted(count, framing === "message" ? "message" : "piece");
    log.debug("undelivered", `lost ${what} to ${peer} that a fault still held back`, { peer });
  };
}
