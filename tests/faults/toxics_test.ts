import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { takeExactly } from "../../src/core/take.ts";
import { attributesOf, ToxicError, Toxics } from "../../src/faults/mod.ts";
import { readAll } from "../support/connections.ts";
import { memoryPair } from "../support/memory.ts";
import { isPending, soon } from "../support/wait.ts";
import { attached, bytes, channel, stream, toxic, toxics } from "./support.ts";

const IDS = Array.from({ length: 1000 }, (_, i) => i + 1);

Deno.test("toxics are listed upstream first, then downstream, in the order of adding", () => {
  const all = toxics([
    toxic("noop", {}, { name: "a" }),
    toxic("noop", {}, { name: "b", stream: "upstream" }),
    toxic("latency", { latency: 5 }, { name: "c" }),
  ]);
  assertEquals(all.list().map(({ name }) => name), ["b", "a", "c"]);
  assertEquals(all.get("c")?.attributes, { latency: 5, jitter: 0 });
  all.update("c", { toxicity: 0.5 });
  all.update("a", { attributes: {} });
  assertEquals(all.get("c")?.toxicity, 0.5);
  all.remove("a");
  assertEquals(all.list().map(({ name }) => name), ["b", "c"]);
  all.clear();
  assertEquals(all.list(), []);
});

Deno.test("names are unique over both streams, and an unknown one is an error", () => {
  const all = toxics([toxic("noop", {}, { name: "a" })]);
  const twin = toxic("noop", {}, { name: "a", stream: "upstream" });
  assertThrows(() => all.add(twin), ToxicError, "toxic a already exists");
  assertThrows(() => all.update("b", {}), ToxicError, "toxic b not found");
  assertThrows(() => all.remove("b"), ToxicError, "toxic b not found");
  assertThrows(() => all.update("a", { toxicity: 1.5 }), ToxicError, "number from 0 to 1");
  assertEquals(all.get("a")?.toxicity, 1);
});

Deno.test("attributes are checked, and completed from what they were", () => {
  assertEquals(attributesOf("latency", undefined), { latency: 0, jitter: 0 });
  assertEquals(attributesOf("latency", { latency: 7, other: "x" }), { latency: 7, jitter: 0 });
  const base = { latency: 7, jitter: 2 };
  assertEquals(attributesOf("latency", { latency: 1 }, base), { latency: 1, jitter: 2 });
  assertEquals(attributesOf("latency", { latency: null }, base), base);
  for (const wrong of ["1", 1.5, -1, true, {}, 2 ** 60]) {
    assertThrows(
      () => attributesOf("latency", { latency: wrong }),
      ToxicError,
      `attribute "latency" of latency: expected a whole number of at least 0, not `,
    );
  }
  for (const wrong of [5, "x", []]) {
    assertThrows(() => attributesOf("noop", wrong), ToxicError, "expected an object");
  }
});

Deno.test("toxicity draws its part of the connections, each direction apart, by the seed", () => {
  const draws = (seed: number, toxicity: number, stream: "upstream" | "downstream") => {
    const all = toxics([toxic("noop", {}, { toxicity, stream })], seed);
    return IDS.filter((id) => {
      const { connection } = attached(all, memoryPair()[0], { id, stream });
      const drawn = all.drawn(id, stream).length === 1;
      connection.close();
      return drawn;
    });
  };
  const first = draws(7, 0.3, "downstream");
  assert(first.length > 240 && first.length < 360, `${first.length} of 1000`);
  assertEquals(draws(7, 0.3, "downstream"), first);
  assert(String(draws(8, 0.3, "downstream")) !== String(first), "another seed is the same");
  assert(String(draws(7, 0.3, "upstream")) !== String(first), "both directions are the same");
  assertEquals(draws(7, 1, "upstream"), IDS);
  assertEquals(draws(7, 0, "upstream"), []);
});

Deno.test("another toxicity compares what was drawn before", () => {
  const all = toxics([toxic("noop", {}, { toxicity: 0.3 })]);
  const opened = IDS.map((id) => attached(all, memoryPair()[0], { id }).connection);
  const drawn = () => IDS.filter((id) => all.drawn(id, "downstream").length === 1);
  const before = drawn();
  all.update("noop", { toxicity: 0.6 });
  const more = drawn();
  assert(before.every((id) => more.includes(id)) && more.length > 500 && more.length < 700);
  all.update("noop", { toxicity: 0.3 });
  assertEquals(drawn(), before);
  for (const connection of opened) connection.close();
});

Deno.test("a closed connection is forgotten", async () => {
  const all = toxics([toxic("noop")]);
  const { connection } = attached(all, memoryPair()[0]);
  assertEquals(all.drawn(1, "downstream"), ["noop"]);
  connection.close();
  await connection.closed;
  assertEquals(all.drawn(1, "downstream"), []);
});

Deno.test("latency delivers later, in order, without holding back the sender", async () => {
  const { connection, target } = stream(toxics([toxic("latency", { latency: 100, jitter: 50 })]));
  const start = performance.now();
  for (let i = 0; i < 20; i++) await connection.write(Uint8Array.of(i));
  assert(performance.now() - start < 20 * 50, "the sender waited for each");
  const received = await takeExactly(target, 20);
  const ms = performance.now() - start;
  assertEquals(received, bytes(20));
  assert(ms >= 50, `${ms} ms`);
  connection.close();
});

Deno.test("latency copies what it keeps, since a pump reuses its buffer", async () => {
  const { connection, target } = stream(toxics([toxic("latency", { latency: 20 })]));
  const buffer = bytes(4);
  await connection.write(buffer);
  buffer.fill(9);
  assertEquals(await takeExactly(target, 4), bytes(4));
});

Deno.test("jitter varies the latency evenly, by the seed", async () => {
  const run = async (seed: number) => {
    const all = toxics([toxic("latency", { latency: 100, jitter: 80 })], seed);
    const { connection, told } = stream(all);
    for (let i = 0; i < 1000; i++) await connection.write(bytes(1));
    connection.close();
    return told.map(({ text }) => Number(/by (\d+) ms/.exec(text)![1]));
  };
  const first = await run(1);
  assert(first.every((ms) => ms >= 20 && ms <= 180), `${first}`);
  for (let from = 20; from < 180; from += 20) {
    const count = first.filter((ms) => ms >= from && ms < from + 20).length;
    assert(count > 80 && count < 170, `${count} of 1000 from ${from} to ${from + 20} ms`);
  }
  assertEquals(await run(1), first);
  assert(String(await run(2)) !== String(first), "another seed is the same");
});

Deno.test("two latencies add up", async () => {
  const all = toxics([
    toxic("latency", { latency: 60 }, { name: "a" }),
    toxic("latency", { latency: 70 }, { name: "b" }),
  ]);
  const { connection, target } = stream(all);
  const start = performance.now();
  await connection.write(bytes(1));
  await takeExactly(target, 1);
  const ms = performance.now() - start;
  assert(ms >= 130, `${ms} ms`);
});

Deno.test("latency doesn't delay EOF, but by what is in front of it", async () => {
  const all = toxics([toxic("latency", { latency: 3_600_000 })]);
  const idle = stream(all);
  await soon(idle.connection.closeWrite(), "the EOF");
  assertEquals(await idle.target.read(new Uint8Array(1)), null);
  const busy = stream(toxics([toxic("latency", { latency: 50 })]), { id: 2 });
  const start = performance.now();
  await busy.connection.write(bytes(5));
  await busy.connection.closeWrite();
  assert(performance.now() - start >= 50);
  assertEquals(await readAll(busy.target), bytes(5));
});

Deno.test("another latency holds for what waits too, and removal delivers it at once", async () => {
  for (const change of ["update", "remove", "clear", "toxicity"] as const) {
    const all = toxics([toxic("latency", { latency: 3_600_000 })]);
    const { connection, target } = stream(all);
    for (let i = 0; i < 50; i++) await connection.write(Uint8Array.of(i));
    const end = connection.closeWrite();
    assert(await isPending(end));
    if (change === "update") all.update("latency", { attributes: { latency: 1, jitter: 0 } });
    else if (change === "toxicity") all.update("latency", { toxicity: 0 });
    else if (change === "clear") all.clear();
    else all.remove("latency");
    assertEquals(await soon(readAll(target), change), bytes(50));
    await end;
  }
});

Deno.test("what comes after a removal passes behind what waits", async () => {
  const all = toxics([toxic("latency", { latency: 3_600_000 })]);
  const { connection, target } = stream(all, { limit: 1 });
  await connection.write(bytes(100));
  all.remove("latency");
  const more = connection.write(bytes(100)).then(() => connection.closeWrite());
  const received = await soon(readAll(target), "all of it");
  assertEquals(received, new Uint8Array([...bytes(100), ...bytes(100)]));
  await more;
  assertEquals(all.drawn(1, "downstream"), []);
});

Deno.test("a full latency makes its sender wait, and goes on", async () => {
  const all = toxics([toxic("latency", { latency: 3_600_000 })]);
  const { connection, target } = stream(all);
  const MiB = 1 << 20;
  let taken = 0;
  const sending = (async () => {
    for (; taken < 40; taken++) await connection.write(new Uint8Array(MiB));
    await connection.closeWrite();
  })();
  assert(await isPending(sending));
  assertEquals(taken, 31, "32 MiB are kept, a little less for what surrounds them");
  all.remove("latency");
  assertEquals((await soon(readAll(target), "all of it")).length, 40 * MiB);
  await sending;
});

Deno.test("a piece that is larger than all that waits may be is delivered all the same", async () => {
  const all = toxics([toxic("latency", { latency: 3_600_000 })]);
  const { connection, sent } = channel(all);
  const large = connection.send({ data: new Uint8Array(33 << 20), text: true });
  assert(await isPending(large), "it was taken though there is no space for it");
  all.update("latency", { attributes: { latency: 1, jitter: 0 } });
  await large;
  assertEquals(sent.map(({ data, text }) => [data.length, text]), [[33 << 20, true]]);
});

Deno.test("many latencies share what they keep over a little each", async () => {
  const all = toxics([toxic("latency", { latency: 3_600_000 })]);
  const MiB = 1 << 20;
  let taken = 0;
  const opened = IDS.slice(0, 12).map((id) => stream(all, { id }));
  const sending = opened.map(async ({ connection }) => {
    for (let i = 0; i < 40; i++, taken++) await connection.write(new Uint8Array(MiB));
  });
  assert(await isPending(Promise.all(sending)));
  assert(taken > 240 && taken <= 256, `${taken} MiB are kept`);
  const late = stream(all, { id: 99 });
  await soon(late.connection.write(new Uint8Array(60 * 1024)), "a little for each");
  assert(await isPending(late.connection.write(new Uint8Array(MiB)).catch(() => {})));
  late.connection.close();
  for (const { connection } of opened) connection.close();
  await Promise.all(sending.map((one) => assertRejects(() => one, BrokenError)));
  const { connection } = stream(all, { id: 100 });
  for (let i = 0; i < 31; i++) await soon(connection.write(new Uint8Array(MiB)), "the memory");
  connection.close();
});

Deno.test("a late write that fails rejects a later one", async () => {
  const { connection, target } = stream(toxics([toxic("latency", { latency: 5 })]));
  await connection.write(bytes(1));
  target.close(new BrokenError("send to", "memory", "reset by peer"));
  await assertRejects(() => connection.closeWrite(), BrokenError, "reset by peer");
  await assertRejects(() => connection.write(bytes(1)), BrokenError, "reset by peer");
});

Deno.test("a close rejects what waits, and leaves no timer", async () => {
  const reason = new BrokenError("test", "memory", "no more");
  const { connection } = stream(toxics([toxic("latency", { latency: 3_600_000 })]));
  await connection.write(bytes(1));
  const end = assertRejects(() => connection.closeWrite());
  connection.close(reason);
  assertEquals(await end, reason);
  const [other] = memoryPair();
  const late = attached(new Toxics(1), other).connection;
  late.close();
  await assertRejects(() => late.write(bytes(1)), BrokenError, "already closed");
});

Deno.test("faults of every piece are told as such but for the first of each direction", async () => {
  const all = toxics([toxic("latency", { latency: 1 })]);
  const { connection, target, told } = stream(all);
  for (let i = 0; i < 3; i++) await connection.write(bytes(2));
  await takeExactly(target, 6);
  assertEquals(told.map(({ kind, again }) => [kind, again]), [
    ["latency", false],
    ["latency", true],
    ["latency", true],
  ]);
  assertEquals(told[0]!.text, "delayed 2 bytes to memory:b by 1 ms");
});
