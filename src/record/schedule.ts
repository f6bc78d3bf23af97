/** When the connections of a recording are opened, and which others were closed by then. */
import type { RecordedEvent } from "./event.ts";

interface ScheduledConnection {
  readonly id: number;
  /** Milliseconds since the first connection was opened. */
  readonly at: number;
  /** Connections that were closed by then, but not yet when the previous one was opened. */
  readonly after: readonly number[];
}

/** All connections in the order in which they were opened. */
export function scheduleOf(events: readonly RecordedEvent[]): ScheduledConnection[] {
  const schedule = new Map<number, ScheduledConnection>();
  let closed: number[] = [];
  const start = events.find(({ event }) => event !== "step")?.t ?? 0;
  for (const { id, t, event } of events) {
    if (event === "step") continue;
    if (!schedule.has(id)) {
      schedule.set(id, { id, at: (t - start) * 1000, after: closed });
      closed = [];
    }
    if (event === "close") closed.push(id);
  }
  return [...schedule.values()];
}
