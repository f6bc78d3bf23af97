/** What is the same in all recordings of one conversation, however fast it went. */
import type { RecordedEvent } from "../../src/record/event.ts";
import { readRecording } from "../../src/record/reader.ts";

/** Steps of an attempt to connect: how many there were depends on who started first. */
const BY_CHANCE = ["resolved", "connect", "connect-failed", "retry"];

function describe(event: RecordedEvent): string {
  if (event.event === "step") return event.step;
  if (event.event === "data" || event.event === "message") {
    return new TextDecoder().decode(event.payload.data);
  }
  return event.event === "close" ? `close ${event.code ?? ""}` : event.event;
}

/**
 * The events of each connection and direction, in order. What goes one way may pass what goes the
 * other, and bytes may be cut anywhere: times, cuts, and ports that the system picked are left out.
 */
export async function recordedShape(path: string): Promise<Record<string, string[]>> {
  const shape: Record<string, string[]> = {};
  const previous: Record<string, string> = {};
  for (const event of await readRecording(path)) {
    const dir = event.event === "data" || event.event === "message" || event.event === "half-close"
      ? event.dir
      : "both";
    const key = `${event.id} ${dir}`;
    if (event.event === "step" && BY_CHANCE.includes(event.step)) continue;
    const list = shape[key] ??= [];
    if (event.event === "data" && previous[key] === "data") list.push(list.pop() + describe(event));
    else list.push(describe(event));
    previous[key] = event.event;
  }
  return shape;
}
