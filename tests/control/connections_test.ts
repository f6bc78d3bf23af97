import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { isReset } from "../../src/core/resets.ts";
import { tap } from "../../src/wrap/tap.ts";
import { HttpError } from "../../src/http/http_error.ts";
import { recorder } from "../support/log.ts";
import { memoryPair } from "../support/memory.ts";

/** A registry with one proxy, and a connection that it has accepted. */
function accepted(registry = new ConnectionRegistry()) {
  const observer = registry.observerOf("redis", {
    upstream: () => "host:6379",
    toxicsOf: (order) => [`toxic of ${order}`],
  });
  const { log, events } = recorder();
  const accept = () => {
    const [outside, connection] = memoryPair();
    const { peer } = connection;
    const id = observer.nextId();
    const watch = observer.accepted({ connection, id, peer, local: "here", log });
    return { outside, watch, connection: tap(connection, watch.client) };
  };
  return { registry, accept, events, ...accept() };
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
  watch.target.sent!(new Uint8Array(4));
  watch.target.received!(new Uint8Array(2));
  assertEquals(registry.sums().get("redis"), {
    connections: 1,
    active: 1,
    received: 5,
    sent: 3,
    sentToTarget: 4,
    receivedFromTarget: 2,
  });
  watch[Symbol.dispose]();
  assertEquals(registry.list(), []);
  assertEquals(registry.sums().get("redis")!.active, 0);
});

Deno.test("ids are unique among proxies, places in the order are a proxy's own", () => {
  const { registry, watch } = accepted();
  const other = registry.observerOf("db", { upstream: () => "h:1", toxicsOf: () => [] });
  const [, connection] = memoryPair();
  const id = other.nextId();
  const second = other.accepted({ connection, id, peer: "p", local: "l", log: recorder().log });
  assertEquals(registry.list().map(({ id }) => id), [1, 2]);
  assertEquals([watch.order, second.order], [1, 1]);
  assertEquals(registry.list("db").map(({ id }) => id), [2]);
});

for (const how of ["close", "reset"] as const) {
  Deno.test(`${how} of a connection reaches the connection, and only that`, async () => {
    const { registry, accept, connection, watch } = accepted();
    watch.connected({ ...memoryPair()[0], peer: "10.0.0.1:6379", showsReset: true });
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

Deno.test("a reset is refused where neither side has one, and a side without one is named", () => {
  const { registry, connection, watch, events } = accepted();
  const { peer } = connection;
  const refuse = (message: string) => {
    const error = assertThrows(() => registry.close(1, "reset"), HttpError);
    assertEquals([error.status, error.message], [501, message]);
  };
  refuse(`no reset can be sent to ${peer}`);
  const target = { ...memoryPair()[0], peer: "unix:/x" };
  watch.connected(target);
  refuse(`no reset can be sent to ${peer} and unix:/x`);
  assertEquals(registry.list()[0]!.state, "open");
  watch.connected({ ...target, showsReset: true });
  assertEquals(registry.close(1, "reset"), true);
  const text = `${peer} sees a plain end: no reset can be sent there`;
  assertEquals(events.map((event) => event.text), [text]);
});

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
