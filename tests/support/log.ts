/** A log that keeps its events. */
import { type Event, type Level, Log } from "../../src/core/log.ts";

export function recorder(level: Level = "trace"): { log: Log; events: Event[] } {
  const events: Event[] = [];
  return { log: new Log((event) => events.push(event), level), events };
}
