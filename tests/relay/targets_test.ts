import { assertEquals, assertRejects } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { type Balance, Targets } from "../../src/relay/targets.ts";
import type { Connection } from "../../src/core/duplex.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";

/** Targets 1, 2 and 3, a clock, and connects that refuse for some of them. */
function setup(balance: Balance) {
  const refusing = new Set<string>();
  const tried: string[] = [];
  const clock = { now: 0 };
  const targets = new Targets(["1", "2", "3"].map(parseAddress), balance, () => clock.now);
  const connect = () => {
    tried.length = 0;
    return targets.connect(({ text }) => {
      tried.push(text);
      if (refusing.has(text)) {
        return Promise.reject(new UnavailableError("connect", text, "connection refused"));
      }
      return Promise.resolve(memoryPair()[0] as Connection);
    }, silent);
  };
  return { refusing, tried, clock, connect };
}

Deno.test("round-robin takes the targets in turn", async () => {
  const { tried, connect } = setup("round-robin");
  const order: string[] = [];
  for (let i = 0; i < 6; i++) {
    await connect();
    order.push(...tried);
  }
  assertEquals(order, ["1", "2", "3", "1", "2", "3"]);
});

Deno.test("failover stays with the first target that answers", async () => {
  const { tried, refusing, connect } = setup("failover");
  await connect();
  assertEquals(tried, ["1"]);
  refusing.add("1");
  await connect();
  assertEquals(tried, ["1", "2"]);
  await connect();
  assertEquals(tried, ["2"]);
});

Deno.test("a target that refused is tried again after five seconds", async () => {
  const { tried, refusing, clock, connect } = setup("failover");
  refusing.add("1");
  await connect();
  refusing.clear();
  clock.now = 4999;
  await connect();
  assertEquals(tried, ["2"]);
  clock.now = 5000;
  await connect();
  assertEquals(tried, ["1"]);
});

Deno.test("least takes the target with the fewest open connections", async () => {
  const { tried, connect } = setup("least");
  const connections = [await connect(), await connect(), await connect(), await connect()];
  const last = tried[0];
  for (const connection of connections.slice(1, 3)) connection.close();
  await Promise.all(connections.slice(1, 3).map((connection) => connection.closed));
  await connect();
  assertEquals(tried.includes(last!), false);
});

Deno.test("random takes every target sooner or later", async () => {
  const { tried, connect } = setup("random");
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    await connect();
    seen.add(tried[0]!);
  }
  assertEquals([...seen].sort(), ["1", "2", "3"]);
});

Deno.test("when every target refuses, each is tried and the refusal is passed on", async () => {
  const { tried, refusing, connect } = setup("round-robin");
  for (const text of ["1", "2", "3"]) refusing.add(text);
  await assertRejects(connect, UnavailableError, "connection refused");
  assertEquals(tried, ["1", "2", "3"]);
  await assertRejects(connect, UnavailableError);
  assertEquals(tried, ["1", "2", "3"]);
});
