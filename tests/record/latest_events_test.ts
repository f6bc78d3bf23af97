import { assert, assertEquals } from "@std/assert";
import type { RecordedEvent, Side } from "../../src/record/event.ts";
import { LatestEvents, MAX_BYTES, MAX_OTHERS, MAX_PIECES } from "../../src/record/latest_events.ts";
import { below, generator, pick } from "../support/random.ts";

const OPEN: RecordedEvent = { t: 0, id: 1, event: "open", dir: "in", peer: "p" };

function data(t: number, dir: Side, bytes: Uint8Array): RecordedEvent {
  return { t, id: 1, event: "data", dir, payload: { data: bytes } };
}

function after(...events: RecordedEvent[]): LatestEvents {
  const latest = new LatestEvents();
  for (const event of events) latest.add(event);
  return latest;
}

/** Payload of the events, by the side that sent it. */
function payloadOf(events: readonly RecordedEvent[], dir: Side): Uint8Array {
  const pieces = events.flatMap((event) =>
    (event.event === "data" || event.event === "message") && event.dir === dir
      ? [...event.payload.data]
      : []
  );
  return new Uint8Array(pieces);
}

Deno.test("events within the bounds are all kept, in their order", () => {
  const events: RecordedEvent[] = [
    { t: 0, id: 1, event: "step", step: "accept", leg: "client" },
    OPEN,
    data(1, "in", new Uint8Array([1])),
    data(2, "out", new Uint8Array([2])),
    { t: 3, id: 1, event: "step", step: "fault", leg: "client" },
    data(4, "in", new Uint8Array([3])),
    { t: 5, id: 1, event: "half-close", dir: "in" },
    { t: 6, id: 1, event: "close", dir: "out" },
  ];
  const latest = after(...events);
  assertEquals(
    latest.events,
    events.map((event) => event === OPEN ? { ...OPEN, omitted: undefined } : event),
  );
  assertEquals(latest.count, 8);
});

Deno.test("of any conversation, the end of each direction is kept, and the rest is counted", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = generator(seed);
    const sent: Record<Side, number[]> = { in: [], out: [] };
    const latest = after(OPEN);
    for (let i = below(random, 400); i > 0; i--) {
      const dir = pick(random, ["in", "out"] as const);
      const size = pick(random, [0, 1, 1, 10, 500, 5000, 100_000]);
      const bytes = Uint8Array.from(
        { length: random() < 0.9 ? Math.min(size, 500) : size },
        () => below(random, 256),
      );
      for (const byte of bytes) sent[dir].push(byte);
      latest.add(data(i, dir, bytes));
    }
    for (const dir of ["in", "out"] as const) {
      const kept = payloadOf(latest.events, dir);
      assert(kept.length <= MAX_BYTES);
      assertEquals(kept.length + latest.omitted[dir], sent[dir].length, `seed ${seed}`);
      assertEquals(kept, new Uint8Array(sent[dir].slice(latest.omitted[dir])), `seed ${seed}`);
    }
    const [first] = latest.events;
    const gap = latest.omitted.in + latest.omitted.out > 0;
    assertEquals(first, { ...OPEN, omitted: gap ? latest.omitted : undefined });
    assertEquals(latest.omitted.limit, gap ? "connection" : undefined);
  }
});

Deno.test("a copy is kept, which later reads into the same buffer don't change", () => {
  const buffer = new Uint8Array([1, 2, 3]);
  const latest = after(data(0, "in", buffer.subarray(0, 2)));
  buffer.fill(9);
  assertEquals(payloadOf(latest.events, "in"), new Uint8Array([1, 2]));
});

Deno.test("pieces are bounded, also those without a byte, and so are all other events", () => {
  const latest = after(OPEN);
  for (let i = 0; i < 3 * MAX_PIECES; i++) latest.add(data(i, "in", new Uint8Array()));
  for (let i = 0; i < 3 * MAX_OTHERS; i++) {
    latest.add({ t: i, id: 1, event: "step", step: "fault", leg: "client" });
  }
  assertEquals(latest.events.length, 1 + MAX_PIECES + MAX_OTHERS);
  assertEquals(latest.events[0], { ...OPEN, omitted: undefined });
});

Deno.test("what was left out before is counted with what is left out now", () => {
  const omitted = { in: 7, out: 1 };
  const latest = after({ ...OPEN, omitted } as RecordedEvent);
  assertEquals(latest.events, [{ ...OPEN, omitted: { ...omitted, limit: undefined } }]);
  latest.add(data(1, "in", new Uint8Array(MAX_BYTES + 1)));
  assertEquals(latest.omitted, { in: 8, out: 1, limit: "connection" });
});

Deno.test("what is forgotten for the sake of others takes no memory, and is counted", () => {
  const latest = after(OPEN, data(1, "in", new Uint8Array(10)), data(2, "out", new Uint8Array(5)));
  assert(latest.size > 15 && latest.size < 5000, `${latest.size}`);
  latest.forget();
  assertEquals([latest.size, latest.omitted], [0, { in: 10, out: 5, limit: "all" }]);
  latest.add(data(3, "in", new Uint8Array(1)));
  assertEquals(payloadOf(latest.events, "in").length, 1);
});
