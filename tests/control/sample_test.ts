import { assert, assertEquals } from "@std/assert";
import { Sample } from "../../src/control/sample.ts";

Deno.test("of new connections some are told with all of their steps, and of others none", () => {
  const sample = new Sample();
  const events = Array.from({ length: 100 }, (_, id) => ({ event: "accept", id }));
  const told = events.filter((event) => sample.admits(event)).map(({ id }) => id);
  assertEquals(told, Array.from({ length: 16 }, (_, id) => id));
  for (const { id } of events) {
    assertEquals(sample.admits({ event: "close", id }), told.includes(id), `${id}`);
  }
  sample.turn();
  assert(sample.admits({ event: "accept", id: 100 }));
});

Deno.test("connections that are open already are told, up to a number of events", () => {
  const sample = new Sample();
  sample.add(1);
  const tellAll = () =>
    Array.from({ length: 1000 }).filter(() => sample.admits({ event: "fault", id: 1 })).length;
  assertEquals(tellAll(), 400);
  assert(sample.admits({ event: "toxic-added" }), "others have a number of their own");
  sample.turn();
  assertEquals(tellAll(), 400);
  sample.turn();
  sample.remove(1);
  sample.turn();
  sample.turn();
  assertEquals(tellAll(), 0);
});

Deno.test("a connection that is over is told until the second turn: why it ended comes last", () => {
  const sample = new Sample();
  sample.add(1);
  sample.turn();
  sample.remove(1);
  assert(sample.admits({ event: "ended", id: 1 }));
  sample.turn();
  assert(sample.admits({ event: "ended", id: 1 }));
  sample.turn();
  assert(!sample.admits({ event: "ended", id: 1 }));
  sample.remove(2);
  assert(!sample.admits({ event: "ended", id: 2 }), "one that was never told");
});

Deno.test("a sample keeps a bounded number of connections, the latest", () => {
  const sample = new Sample();
  for (let id = 1; id <= 20_000; id++) sample.add(id);
  const kept = Array.from({ length: 20_000 }, (_, i) => i + 1).filter((id) => sample.has(id));
  assertEquals([kept.length, kept[0], kept.at(-1)], [8192, 20_000 - 8191, 20_000]);
});
