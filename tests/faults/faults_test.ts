import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Channel, Duplex, Message } from "../../src/core/duplex.ts";
import { BrokenError, FaultError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { takeExactly } from "../../src/core/take.ts";
import { type Faults, injectFaults, seeded } from "../../src/faults/mod.ts";

/** A stream whose writes and faults are recorded. */
function stream(faults: Faults, seed = 1) {
  const [client, target] = memoryPair(1 << 20);
  const writes: number[] = [];
  const recording: Duplex = Object.assign(Object.create(client) as Duplex, {
    write: (bytes: Uint8Array) => {
      writes.push(bytes.length);
      return client.write(bytes);
    },
  });
  const injected: string[] = [];
  const connection = injectFaults(
    recording,
    faults,
    seeded(seed),
    (kind) => injected.push(kind),
  ) as Duplex;
  return { connection, target, writes, injected };
}

/** A channel that keeps the sent messages. */
function channel(faults: Faults, seed = 1) {
  const sent: number[] = [];
  const arrival = Promise.withResolvers<number>();
  const closed = Promise.withResolvers<void>();
  const inner: Channel = {
    framing: "message",
    halfClose: false,
    peer: "memory",
    closed: closed.promise,
    receive: () => Promise.resolve(null),
    send: (message: Message) => {
      sent.push(message.data[0]!);
      arrival.resolve(message.data[0]!);
      return Promise.resolve();
    },
    closeWrite: () => Promise.resolve(),
    close: () => closed.resolve(),
  };
  const injected: string[] = [];
  const connection = injectFaults(
    inner,
    faults,
    seeded(seed),
    (kind) => injected.push(kind),
  ) as Channel;
  const sendAll = async (count: number) => {
    for (let i = 0; i < count; i++) await connection.send({ data: Uint8Array.of(i) });
    await connection.closeWrite();
    connection.close();
    return sent;
  };
  return { connection, sendAll, injected, arrival: arrival.promise };
}

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i & 255);

Deno.test("without faults a connection stays the same object", () => {
  const [client] = memoryPair();
  assert(injectFaults(client, {}, seeded(1), () => {}) === client);
});

Deno.test("chop sends pieces of at most the given size and keeps every byte", async () => {
  const { connection, target, writes, injected } = stream({ chop: 3 });
  await connection.write(bytes(10));
  assertEquals(writes, [3, 3, 3, 1]);
  assertEquals(await takeExactly(target, 10), bytes(10));
  assertEquals(injected.length, 4);
});

Deno.test("rate keeps to the given rate over time, with bursts of 100 ms at most", async () => {
  const { connection, target, writes, injected } = stream({ rate: 100_000 });
  const start = performance.now();
  await connection.write(bytes(40_000)); // 10,000 at once, 30,000 at 100,000 a second
  const ms = performance.now() - start;
  assert(ms >= 290 && ms < 3000, `${ms} ms, which is ten times the rate or a tenth of it`);
  assert(writes.every((size) => size <= 10_000));
  assertEquals(await takeExactly(target, 40_000), bytes(40_000));
  assert(injected.includes("rate"));
});

Deno.test("rate lets a message larger than a burst through whole", async () => {
  const { sendAll } = channel({ rate: 10 });
  assertEquals(await sendAll(2), [0, 1]);
});

Deno.test("delay delivers later, in order, without holding back the sender", async () => {
  const { connection, target } = stream({ delay: 100, jitter: 50 });
  const start = performance.now();
  for (let i = 0; i < 20; i++) await connection.write(Uint8Array.of(i));
  assert(performance.now() - start < 20 * 50, "the sender waited for each");
  const received = await takeExactly(target, 20);
  const ms = performance.now() - start;
  assertEquals(received, bytes(20));
  assert(ms >= 45, `${ms} ms`);
});

Deno.test("delay copies what it keeps, since a pump reuses its buffer", async () => {
  const { connection, target } = stream({ delay: 20 });
  const buffer = bytes(4);
  await connection.write(buffer);
  buffer.fill(9);
  assertEquals(await takeExactly(target, 4), bytes(4));
});

Deno.test("EOF is delayed too and arrives after the last byte", async () => {
  const { connection, target } = stream({ delay: 30 });
  await connection.write(bytes(5));
  await connection.closeWrite();
  assertEquals(await takeExactly(target, 5), bytes(5));
  assertEquals(await target.read(new Uint8Array(1)), null);
});

Deno.test("a full delay queue makes its sender wait, and goes on", async () => {
  const { connection, target } = stream({ delay: 50 });
  const total = 6 * (1 << 20);
  const sent = (async () => {
    for (let i = 0; i < 6; i++) await connection.write(new Uint8Array(1 << 20));
    await connection.closeWrite();
  })();
  assertEquals((await takeExactly(target, total)).length, total);
  await sent;
});

Deno.test("a delayed write that fails rejects a later one", async () => {
  const { connection, target } = stream({ delay: 5 });
  await connection.write(bytes(1));
  target.close(new BrokenError("send to", "memory", "reset by peer"));
  await assertRejects(() => connection.closeWrite());
});

Deno.test("cut-after lets exactly its bytes through", async () => {
  for (const kind of ["cutAfter", "resetAfter"] as const) {
    const { connection, target, injected } = stream({ [kind]: 5 });
    await connection.write(bytes(3));
    const error = await assertRejects(
      () => connection.write(bytes(10)),
      FaultError,
      "fault injected",
    );
    assertEquals(error.message.includes("plain end"), kind === "resetAfter");
    assertEquals(await takeExactly(target, 5), Uint8Array.of(0, 1, 2, 0, 1));
    assertEquals(injected, [kind === "cutAfter" ? "cut-after" : "reset-after"]);
  }
});

Deno.test("drop and dup happen as often as they should, and again with the same seed", async () => {
  const first = channel({ drop: 0.3, dup: 0.2 }, 7);
  const sent = await first.sendAll(250);
  const dropped = first.injected.filter((kind) => kind === "drop").length;
  const doubled = first.injected.filter((kind) => kind === "dup").length;
  assert(dropped > 40 && dropped < 110, `${dropped} dropped`);
  assert(doubled > 15 && doubled < 65, `${doubled} doubled`);
  assertEquals(sent.length, 250 - dropped + doubled);
  assertEquals(await channel({ drop: 0.3, dup: 0.2 }, 7).sendAll(250), sent);
  assert(
    JSON.stringify(await channel({ drop: 0.3, dup: 0.2 }, 8).sendAll(250)) !== JSON.stringify(sent),
  );
});

Deno.test("reorder loses nothing and lets none be overtaken by more than asked", async () => {
  for (const reorder of [1, 3, 5]) {
    const { sendAll, injected } = channel({ reorder });
    const sent = await sendAll(250);
    assertEquals([...sent].sort((a, b) => a - b), [...bytes(250)]);
    const overtaken = sent.map((number, at) => {
      return sent.slice(0, at).filter((earlier) => earlier > number).length;
    });
    assertEquals(Math.max(...overtaken), reorder);
    assert(injected.includes("reorder"));
    assertEquals(await channel({ reorder }).sendAll(250), sent, "the same seed, the same order");
  }
});

Deno.test("a held message that nothing overtakes is sent after a while", async () => {
  const { connection, arrival } = channel({ reorder: 3 });
  await connection.send({ data: Uint8Array.of(5) });
  assertEquals(await arrival, 5);
  connection.close();
});

Deno.test("streams ignore faults for messages, and messages ignore chop", async () => {
  const { connection, target } = stream({ drop: 1, dup: 1, reorder: 5 });
  await connection.write(bytes(4));
  assertEquals(await takeExactly(target, 4), bytes(4));
  assertEquals(await channel({ chop: 1 }).sendAll(3), [0, 1, 2]);
});
