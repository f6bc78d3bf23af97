import { assert, assertEquals } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { RoundTrips } from "../../src/control/round_trips.ts";
import { silent } from "../../src/core/log.ts";
import { sleep } from "../../src/core/time.ts";
import { tap } from "../../src/wrap/tap.ts";
import { encode, Script } from "../support/connections.ts";

const buffer = new Uint8Array(100);

/** Round trips that are measured, and connections to measure. */
function measured() {
  const registry = new ConnectionRegistry();
  const roundTrips = new RoundTrips(registry);
  const accept = (proxy: string, chunks: string[]) => {
    const observer = registry.observerOf(proxy, { upstream: () => "h:1", toxicsOf: () => [] });
    const connection = new Script(chunks);
    const accepted = { connection, id: observer.nextId(), peer: "1.2.3.4:5", local: "here" };
    return tap(connection, observer.accepted({ ...accepted, log: silent }).client);
  };
  return { roundTrips, accept, watching: roundTrips.watch() };
}

Deno.test("a round trip is from the first byte asked to the first byte answered", async () => {
  const { roundTrips, accept } = measured();
  const client = accept("web", ["ask", "more"]);
  const start = performance.now();
  await client.read(buffer);
  const asked = performance.now();
  await sleep(20);
  await client.read(buffer);
  const waited = (performance.now() - asked) * 1000;
  await client.write(encode("answer"));
  const whole = (performance.now() - start) * 1000;
  await sleep(20);
  await client.write(encode("the rest of it"));
  roundTrips.turn();
  const summary = roundTrips.of("web");
  assert(summary.count === 1);
  const { p50, p90, p99, max } = summary;
  assert(p50 >= waited * 63 / 64 && p50 <= whole * 65 / 64, `${waited} ${p50} ${whole}`);
  assertEquals([p90, p99, max], [p50, p50, p50]);
});

Deno.test("what nobody has asked for is no round trip, nor an ask without an answer", async () => {
  const { roundTrips, accept } = measured();
  const greeting = accept("web", ["thanks"]);
  await greeting.write(encode("hello"));
  await greeting.read(buffer);
  greeting.close();
  roundTrips.turn();
  assertEquals(roundTrips.of("web"), { count: 0 });
});

Deno.test("round trips are of one proxy and one interval", async () => {
  const { roundTrips, accept } = measured();
  const [web, db] = [accept("web", ["a", "b", "c"]), accept("db", ["d"])];
  for (const client of [web, web, db]) {
    await client.read(buffer);
    await client.write(encode("answer"));
  }
  assertEquals(roundTrips.of("web").count, 0);
  roundTrips.turn();
  assertEquals([roundTrips.of("web").count, roundTrips.of("db").count], [2, 1]);
  await web.read(buffer);
  await web.write(encode("answer"));
  roundTrips.turn();
  assertEquals([roundTrips.of("web").count, roundTrips.of("db").count], [1, 0]);
  roundTrips.turn();
  assertEquals(roundTrips.of("web"), { count: 0 });
});

Deno.test("without a viewer no round trip is measured, and none is kept", async () => {
  const { roundTrips, accept, watching } = measured();
  const client = accept("web", ["a", "b"]);
  await client.read(buffer);
  await client.write(encode("answer"));
  roundTrips.turn();
  assertEquals(roundTrips.of("web").count, 1);
  watching[Symbol.dispose]();
  assertEquals(roundTrips.of("web").count, 0);
  await client.read(buffer);
  await client.write(encode("answer"));
  roundTrips.turn();
  assertEquals(roundTrips.of("web").count, 0);
});
