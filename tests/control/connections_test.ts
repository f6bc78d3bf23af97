import { assert, assertEquals } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { silent } from "../../src/core/log.ts";
import { isReset } from "../../src/core/resets.ts";
import { tap } from "../../src/wrap/tap.ts";
import { memoryPair } from "../support/memory.ts";

/** A registry with one proxy, and a connection that it has accepted. */
function accepted(registry = new ConnectionRegistry()) {
  const observer = registry.observerOf("redis", {
    upstream: () => "host:6379",
    toxicsOf: (order) => [`toxic of ${order}`],
  });
  const accept = () => {
    const [outside, connection] = memoryPair();
    const { peer } = connection;
    const id = observer.nextId();
    const watch = observer.accepted({ connection, id, peer, local: "here", log: silent });
    return { outside, watch, connection: tap(connection, watch.client) };
  };
  return { registry, accept, ...accept() };
}

Deno.test("a connection is listed with what it does, until both of its sides are closed", async () => {
  const { registry, outside, connection, watch } = accepted();
  const info = () => registry.list()[0]!;
  assertEquals([info().state, info().target, info().proxy], ["connecting", "host:6379", "redis"]);
  assertEquals(info().toxics, ["toxic of 1"]);
  assert(Math.abs(Date.parse(info().since) - Date.now()) < 60_000);
  watch.connected({ ...memoryPair()[0], peer: "10.0.0.1:6379" });
  assertEquals([info().state, info().target], ["open", "10.0.0.1:6379"]);
  await Promise.all([outside.write(new Uint8Array(5)), connection.read(new Uint8Array(9))]);
  await Promise.all([connection.write(new Uint8Array(3)), outside.read(new Uint8Array(9))]);
  assertEquals([info().received, info().sent], [5, 3]);
  await outside.closeWrite();
  assertEquals(await connection.read(new Uint8Array(1)), null);
  assertEquals(info().state, "half-closed");
  connection.close();
  assertEquals(info().state, "closing");
  assertEquals(registry.sums().get("redis"), { connections: 1, active: 1, received: 5, sent: 3 });
  watch[Symbol.dispose]();
  assertEquals([registry.list(), watch.over.aborted], [[], true]);
  assertEquals(registry.sums().get("redis")!.active, 0);
});

Deno.test("ids are unique among proxies, places in the order are a proxy's own", () => {
  const { registry, watch } = accepted();
  const other = registry.observerOf("db", { upstream: () => "h:1", toxicsOf: () => [] });
  const [, connection] = memoryPair();
  const id = other.nextId();
  const second = other.accepted({ connection, id, peer: "p", local: "l", log: silent });
  assertEquals(registry.list().map(({ id }) => id), [1, 2]);
  assertEquals([watch.order, second.order], [1, 1]);
  assertEquals(registry.list("db").map(({ id }) => id), [2]);
});

for (const how of ["close", "reset"] as const) {
  Deno.test(`${how} of a connection reaches the connection, and only that`, async () => {
    const { registry, accept, connection } = accepted();
    const other = accept();
    assertEquals(registry.close(1, how), true);
    const reason = await connection.closed;
    assert(reason instanceof Error);
    assertEquals(isReset(reason), how === "reset");
    assertEquals(registry.close(99, how), false);
    assertEquals(registry.get(2)?.info.state, "connecting");
    other.connection.close();
  });
}

Deno.test("a viewer sees open connections and new ones, and nothing after it has left", async () => {
  const { registry, accept, outside, connection, watch } = accepted();
  const seen: string[] = [];
  const view = registry.watch(({ id }) => ({
    received: (bytes) => seen.push(`${id} received ${bytes.length}`),
    over: () => seen.push(`${id} over`),
  }));
  await Promise.all([outside.write(new Uint8Array(5)), connection.read(new Uint8Array(9))]);
  const second = accept();
  watch[Symbol.dispose]();
  view[Symbol.dispose]();
  second.watch[Symbol.dispose]();
  assertEquals(seen, ["1 received 5", "1 over"]);
  assertEquals(registry.list(), []);
});
