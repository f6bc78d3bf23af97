import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Channel, Duplex, Message } from "../../src/core/duplex.ts";
import { BrokenError, FaultError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { takeExactly } from "../../src/core/take.ts";
import { type Faults, injectFaults, seeded } from "../../src/faults/mod.ts";

/** A stream whose writes are noted, and what was told. */
function stream(faults: Faults, seed = 1) {
  const [near, far] = memoryPair(1 << 20);
  const writes: number[] = [];
  const noting: Duplex = Object.assign(Object.create(near) as Duplex, {
    write: (bytes: Uint8Array) => {
      writes.push(bytes.length);
      return near.write(bytes);
    },
  });
  const told: string[] = [];
  const end = injectFaults(noting, faults, seeded(seed), (kind) => told.push(kind)) as Duplex;
  return { end, far, writes, told };
}

/** A channel that keeps what was sent. */
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
  const told: string[] = [];
  const end = injectFaults(inner, faults, seeded(seed), (kind) => told.push(kind)) as Channel;
  const sendAll = async (count: number) => {
    for (let i = 0; i < count; i++) await end.send({ data: Uint8Array.of(i) });
    await end.closeWrite();
    end.close();
    return sent;
  };
  return { end, sendAll, told, arrival: arrival.promise };
}

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i & 255);

Deno.test("without faults an end stays the same object", () => {
  const [near] = memoryPair();
  assert(injectFaults(near, {}, seeded(1), () => {}) === near);
});

Deno.test("chop sends pieces of at most the given size and keeps every byte", async () => {
  const { end, far, writes, told } = stream({ chop: 3 });
  await end.write(bytes(10));
  assertEquals(writes, [3, 3, 3, 1]);
  assertEquals(await takeExactly(far, 10), bytes(10));
  assertEquals(told.length, 4);
});

Deno.test("rate keeps to the given rate over time, with bursts of 100 ms at most", async () => {
  const { end, far, writes, told } = stream({ rate: 100_000 });
  const start = performance.now();
  await end.write(bytes(40_000)); // 10,000 at once, 30,000 at 100,000 a second
  const ms = performance.now() - start;
  assert(ms >= 290 && ms < 1500, `${ms} ms`);
  assert(writes.every((size) => size <= 10_000));
  assertEquals(await takeExactly(far, 40_000), bytes(40_000));
  assert(told.includes("rate"));
});

Deno.test("rate lets a message larger than a burst through whole", async () => {
  const { sendAll } = channel({ rate: 10 });
  assertEquals(await sendAll(2), [0, 1]);
});

Deno.test("delay delivers later, in order, without holding back the sender", async () => {
  const { end, far } = stream({ delay: 100, jitter: 50 });
  const start = performance.now();
  for (let i = 0; i < 20; i++) await end.write(Uint8Array.of(i));
  assert(performance.now() - start < 50, "the sender did not wait");
  const received = await takeExactly(far, 20);
  const ms = performance.now() - start;
  assertEquals(received, bytes(20));
  assert(ms >= 45, `${ms} ms`);
});

Deno.test("delay copies what it keeps, since a pump reuses its buffer", async () => {
  const { end, far } = stream({ delay: 20 });
  const buffer = bytes(4);
  await end.write(buffer);
  buffer.fill(9);
  assertEquals(await takeExactly(far, 4), bytes(4));
});

Deno.test("the end of data is delayed too and comes after the last byte", async () => {
  const { end, far } = stream({ delay: 30 });
  await end.write(bytes(5));
  await end.closeWrite();
  assertEquals(await takeExactly(far, 5), bytes(5));
  assertEquals(await far.read(new Uint8Array(1)), null);
});

Deno.test("a line that is full makes its sender wait, and goes on", async () => {
  const { end, far } = stream({ delay: 50 });
  const total = 6 * (1 << 20);
  const sent = (async () => {
    for (let i = 0; i < 6; i++) await end.write(new Uint8Array(1 << 20));
    await end.closeWrite();
  })();
  assertEquals((await takeExactly(far, total)).length, total);
  await sent;
});

Deno.test("a delayed write that fails is told to a later one", async () => {
  const { end, far } = stream({ delay: 5 });
  await end.write(bytes(1));
  far.close(new BrokenError("send to", "memory", "reset by peer"));
  await assertRejects(() => end.closeWrite());
});

Deno.test("cut-after lets exactly its bytes through", async () => {
  for (const kind of ["cutAfter", "resetAfter"] as const) {
    const { end, far, told } = stream({ [kind]: 5 });
    await end.write(bytes(3));
    const error = await assertRejects(() => end.write(bytes(10)), FaultError, "fault injected");
    assertEquals(error.message.includes("plain end"), kind === "resetAfter");
    assertEquals(await takeExactly(far, 5), Uint8Array.of(0, 1, 2, 0, 1));
    assertEquals(told, [kind === "cutAfter" ? "cut-after" : "reset-after"]);
  }
});

Deno.test("drop and dup happen as often as they should, and again with the same seed", async () => {
  const first = channel({ drop: 0.3, dup: 0.2 }, 7);
  const sent = await first.sendAll(250);
  const dropped = first.told.filter((kind) => kind === "drop").length;
  const doubled = first.told.filter((kind) => kind === "dup").length;
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
    const { sendAll, told } = channel({ reorder });
    const sent = await sendAll(250);
    assertEquals([...sent].sort((a, b) => a - b), [...bytes(250)]);
    const overtaken = sent.map((number, at) => {
      return sent.slice(0, at).filter((earlier) => earlier > number).length;
    });
    assertEquals(Math.max(...overtaken), reorder);
    assert(told.includes("reorder"));
    assertEquals(await channel({ reorder }).sendAll(250), sent, "the same seed, the same order");
  }
});

Deno.test("a message that nothing overtakes goes on by itself", async () => {
  const { end, arrival } = channel({ reorder: 3 });
  await end.send({ data: Uint8Array.of(5) });
  assertEquals(await arrival, 5);
  end.close();
});

Deno.test("streams are not touched by what is for messages, nor messages by chop", async () => {
  const { end, far } = stream({ drop: 1, dup: 1, reorder: 5 });
  await end.write(bytes(4));
  assertEquals(await takeExactly(far, 4), bytes(4));
  assertEquals(await channel({ chop: 1 }).sendAll(3), [0, 1, 2]);
});
