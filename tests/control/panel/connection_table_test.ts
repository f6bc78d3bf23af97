import { assertEquals } from "@std/assert";
import {
  ConnectionTable,
  MAX_CLOSED,
  reasonOf,
} from "../../../src/control/panel/connection_table.ts";
import { at, closed, connection, told } from "./events.ts";

function states(table: ConnectionTable): string[] {
  return [...table.open, ...table.closed].map(({ id, state }) => `${id} ${state}`);
}

Deno.test("panel: a connection is shown from its accept to its close, without a list", () => {
  const table = new ConnectionTable();
  table.observe(at(1), told("accept", 1));
  assertEquals(states(table), ["1 connecting"]);
  table.observe(at(1), told("connected", 1, { address: "127.0.0.1:7" }));
  assertEquals([table.get(1)!.target, table.get(1)!.state], ["127.0.0.1:7", "open"]);
  table.observe(at(2), told("half-close", 1));
  assertEquals(states(table), ["1 half-closed"]);
  table.observe(at(3), told("close", 1, { peer: "127.0.0.1:7", sent: 9 }));
  assertEquals(states(table), ["1 half-closed"], "the target's side is closed, not the client's");
  table.observe(at(4), told("close", 1, { sent: 3, received: 5, error: "reset" }));
  const { state, sent, received, until, error } = table.get(1)!;
  assertEquals([state, sent, received, until, error], ["closed", 3, 5, at(4), "reset"]);
});

Deno.test("panel: a list that is older than the log closes nothing, the next one does", () => {
  const table = new ConnectionTable();
  table.observe(at(1), told("accept", 1));
  table.snapshot(at(1), []);
  assertEquals(states(table), ["1 connecting"]);
  table.snapshot(at(2), []);
  assertEquals(states(table), ["1 closed"]);
});

Deno.test("panel: a list that is older than a close doesn't open the connection again", () => {
  const table = new ConnectionTable();
  table.snapshot(at(1), [connection(1)]);
  table.observe(at(2), told("close", 1));
  table.snapshot(at(2), [connection(1)]);
  assertEquals(states(table), ["1 closed"]);
});

Deno.test("panel: the last byte passed when a list first had more of them", () => {
  const table = new ConnectionTable();
  const activity = () => [table.get(1)!.lastActive, table.get(1)!.isEarlier];
  table.snapshot(at(10), [connection(1, { sent: 5 })]);
  assertEquals(activity(), [at(10), true]);
  table.snapshot(at(11), [connection(1, { sent: 5 })]);
  assertEquals(activity(), [at(10), true]);
  table.snapshot(at(12), [connection(1, { sent: 6 })]);
  table.snapshot(at(13), [connection(1, { sent: 6 })]);
  assertEquals(activity(), [at(12), false]);
});

Deno.test("panel: of connections that are over, the latest thousand are kept", () => {
  const table = new ConnectionTable();
  for (let id = 1; id <= MAX_CLOSED + 500; id++) {
    table.observe(at(id), told("accept", id));
    table.observe(at(id), told("close", id));
  }
  const closed = [...table.closed];
  assertEquals([closed.length, closed[0]!.id], [MAX_CLOSED, 501]);
  assertEquals([...table.open], []);
});

Deno.test("panel: connections of a proxy that is gone are forgotten", () => {
  const table = new ConnectionTable();
  table.snapshot(at(1), [connection(1), connection(2, { proxy: "b" })]);
  table.keep((name) => name === "b");
  assertEquals(states(table), ["2 open"]);
});

Deno.test("panel: what the control has kept of closed ones is listed, and completes what is known", () => {
  const table = new ConnectionTable();
  table.observe(at(1), told("accept", 3));
  table.snapshot(at(2), [
    closed(1, { error: "close 127.0.0.1:40001: cut off", reset: true }),
    closed(3),
    connection(4),
  ]);
  assertEquals(states(table), ["4 open", "1 closed", "3 closed"]);
  const { until, reset, since } = table.get(1)!;
  assertEquals([until, reset, since], [at(9), true, at(0)]);
  assertEquals([table.get(1)!, table.get(3)!].map(reasonOf), ["cut off", undefined]);
  table.snapshot(at(3), [connection(4)]);
  assertEquals(states(table), ["4 open", "1 closed", "3 closed"]);
  assertEquals(table.isFull, false);
  table.snapshot(at(4), Array.from({ length: 2000 }, (_, i) => closed(i + 10)));
  assertEquals([[...table.closed].length, table.isFull], [MAX_CLOSED, true]);
});

Deno.test("panel: a close says whether it was a reset", () => {
  const table = new ConnectionTable();
  table.snapshot(at(1), [connection(1)]);
  table.observe(at(2), told("close", 1, { error: "reset", reset: true }));
  assertEquals(table.get(1)!.reset, true);
});
