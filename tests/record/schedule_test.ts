import { assertEquals } from "@std/assert";
import type { RecordedEvent } from "../../src/record/event.ts";
import { scheduleOf } from "../../src/record/schedule.ts";

Deno.test("connections open in their order, and after those that had ended before", () => {
  const happened = [["open", 2], ["open", 1], ["close", 2], ["open", 4], ["close", 1], ["open", 3]];
  const events = happened.map(([event, id], i) => ({ event, id, t: 10 + i }) as RecordedEvent);
  assertEquals(scheduleOf(events), [
    { id: 2, at: 0, after: [] },
    { id: 1, at: 1000, after: [] },
    { id: 4, at: 3000, after: [2] },
    { id: 3, at: 5000, after: [1] },
  ]);
  const step = { event: "step", step: "connect", leg: "target", id: 5, t: 3 } as const;
  assertEquals(scheduleOf([step, ...events]), scheduleOf(events));
});
