import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { FaultError } from "../../src/core/errors.ts";
import { ResetFaultError } from "../../src/core/resets.ts";
import { takeExactly } from "../../src/core/take.ts";
import { readAll } from "../support/connections.ts";
import { isPending, soon, until } from "../support/wait.ts";
import { bytes, channel, stream, toxic, toxics } from "./support.ts";

/** Milliseconds that `work` takes. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Sends numbered messages of one byte, then EOF; returns the numbers that arrive. */
async function numbers(spec: Parameters<typeof toxic>, count = 250, seed = 1) {
  const { connection, sent, told } = channel(toxics([toxic(...spec)], seed));
  for (let i = 0; i < count; i++) await connection.send({ data: Uint8Array.of(i) });
  await connection.closeWrite();
  connection.close();
  return { arrived: sent.map(({ data }) => data[0]!), told };
}

Deno.test("bandwidth sends nothing at first, then keeps to its rate", async () => {
  const { connection, target, writes, told } = stream(toxics([toxic("bandwidth", { rate: 100 })]));
  const start = performance.now();
  await connection.write(bytes(40_000));
  const ms = performance.now() - start;
  assert(ms >= 400 && ms < 4000, `${ms} ms for 40 kB at 100 kB/s`);
  assert(writes.every(({ size, at }) => size === 10_000 && at - start >= 99));
  for (const [i, { at }] of writes.entries()) assert(at - start >= 100 * (i + 1) - 1);
  assertEquals(await takeExactly(target, 40_000), bytes(40_000));
  assertEquals(told[0], {
    kind: "bandwidth",
    text: "held 10000 bytes to memory:b back for 100 ms",
    again: false,
  });
});

Deno.test("bandwidth isn't slower for many small writes than for a few large ones", async () => {
  const { connection, target } = stream(toxics([toxic("bandwidth", { rate: 1000 })]));
  const reading = readAll(target);
  const ms = await took(async () => {
    for (let i = 0; i < 3000; i++) await connection.write(bytes(100));
  });
  assert(ms >= 299 && ms < 1500, `${ms} ms for 300 kB at 1000 kB/s, 100 bytes each`);
  await connection.closeWrite();
  assertEquals((await reading).length, 300_000);
});

Deno.test("bandwidth lets messages through whole, and adds none up while nothing is sent", async () => {
  const { connection, sent } = channel(toxics([toxic("bandwidth", { rate: 10 })]));
  for (let i = 0; i < 2; i++) {
    const ms = await took(() => connection.send({ data: bytes(1500), text: true }));
    assert(ms >= 150, `${ms} ms for 1.5 kB at 10 kB/s`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assertEquals(sent.map(({ data, text }) => [data.length, text]), [[1500, true], [1500, true]]);
});

for (const rate of [0, 1]) {
  Deno.test(`bandwidth of ${rate} kB/s sends what waits at once when it is changed or removed`, async () => {
    for (const change of ["update", "remove"] as const) {
      const all = toxics([toxic("bandwidth", { rate })]);
      const { connection, target, writes } = stream(all);
      const sending = connection.write(bytes(60_000));
      assert(await isPending(sending));
      assertEquals(writes, []);
      if (change === "remove") all.remove("bandwidth");
      else all.update("bandwidth", { attributes: { rate: 2 } });
      await soon(sending, "what waited");
      assertEquals(await takeExactly(target, 60_000), bytes(60_000));
      connection.close();
    }
  });
}

Deno.test("slow_close holds back EOF, and no data", async () => {
  const { connection, target, writes } = stream(toxics([toxic("slow_close", { delay: 80 })]));
  await connection.write(bytes(10));
  assertEquals(writes.length, 1);
  const ms = await took(() => connection.closeWrite());
  assert(ms >= 80, `${ms} ms`);
  assertEquals(await readAll(target), bytes(10));
});

Deno.test("slow_open holds back what is sent at the beginning, from when it was opened", async () => {
  const all = toxics([toxic("slow_open", { delay: 80 })]);
  const start = performance.now();
  const { connection, target, told } = stream(all);
  for (let i = 0; i < 3; i++) await connection.write(Uint8Array.of(i));
  assert(performance.now() - start >= 80);
  assertEquals(await takeExactly(target, 3), bytes(3));
  assertEquals(told.length, 1);
  all.remove("slow_open");
  all.add(toxic("slow_open", { delay: 1 })); // It is open for longer than that already.
  assert(!await isPending(connection.write(bytes(1))));
});

for (const name of ["slow_open", "slow_close"] as const) {
  Deno.test(`${name} lets go when it is changed or removed`, async () => {
    for (const change of ["update", "remove"] as const) {
      const all = toxics([toxic(name, { delay: 3_600_000 })]);
      const { connection, target } = stream(all);
      const end = connection.closeWrite();
      assert(await isPending(end));
      if (change === "remove") all.remove(name);
      else all.update(name, { attributes: { delay: 0 } });
      await soon(end, change);
      assertEquals(await readAll(target), bytes(0));
    }
  });
}

Deno.test("timeout drops all, and ends the connection after a time without a byte", async () => {
  const { connection, target, told } = stream(toxics([toxic("timeout", { timeout: 400 })]));
  const start = performance.now();
  for (let i = 0; i < 4; i++) {
    await connection.write(bytes(10));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(performance.now() - start >= 200, "each byte should start its time anew");
  const error = await connection.closed;
  assert(error instanceof FaultError && !(error instanceof ResetFaultError));
  assert(performance.now() - start >= 150 + 399);
  assertEquals(
    error.message,
    "timeout memory:b: fault injected: ended after 400 ms without a byte to memory:b",
  );
  assertEquals(await assertRejects(() => target.read(new Uint8Array(1))), error);
  assertEquals(told.map(({ again }) => again), [false, true, true, true, false]);
});

Deno.test("timeout 0 never ends the connection, passes EOF, and ends it when it is removed", async () => {
  const all = toxics([toxic("timeout", { timeout: 0 })]);
  const { connection, target } = stream(all);
  await connection.write(bytes(10));
  await connection.closeWrite();
  assertEquals(await readAll(target), bytes(0));
  assert(await isPending(connection.closed));
  all.remove("timeout");
  const error = await soon(connection.closed, "the close");
  assert(error instanceof FaultError && error.message.endsWith("bytes to memory:b are missing"));
});

Deno.test("another timeout starts its time anew", async () => {
  const all = toxics([toxic("timeout", { timeout: 3_600_000 })]);
  const { connection } = stream(all);
  const ms = await took(async () => {
    all.update("timeout", { attributes: { timeout: 60 } });
    await connection.closed;
  });
  assert(ms >= 59, `${ms} ms`);
});

for (const first of ["byte", "EOF"] as const) {
  Deno.test(`reset_peer resets both a time after the first ${first}`, async () => {
    const { connection, target, told } = stream(toxics([toxic("reset_peer", { timeout: 60 })]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert(await isPending(connection.closed), "nobody has sent anything");
    const start = performance.now();
    if (first === "byte") { for (let i = 0; i < 3; i++) await connection.write(bytes(5)); }
    else await assertRejects(() => connection.closeWrite(), ResetFaultError);
    const error = await connection.closed;
    assert(error instanceof ResetFaultError);
    assert(performance.now() - start >= 59);
    assertEquals(await assertRejects(() => target.read(new Uint8Array(1))), error);
    assertEquals(told.map(({ kind, text }) => [kind, text]), [[
      "reset_peer",
      `reset, with ${
        first === "byte" ? 15 : 0
      } bytes to memory:b dropped; no reset can be sent there, the peer sees a plain end`,
    ]]);
  });
}

Deno.test("a reset_peer that is removed resets at once if it has dropped something", async () => {
  const all = toxics([toxic("reset_peer", { timeout: 3_600_000 })]);
  const [used, unused] = [stream(all), stream(all, { id: 2 })];
  await used.connection.write(bytes(1));
  all.remove("reset_peer");
  assert(await soon(used.connection.closed, "the reset") instanceof ResetFaultError);
  await unused.connection.write(bytes(1));
  assertEquals(await takeExactly(unused.target, 1), bytes(1));
});

Deno.test("slicer halves until pieces are small enough, and keeps every byte", async () => {
  const spec = toxic("slicer", { average_size: 100 });
  const { connection, target, writes, told } = stream(toxics([spec]));
  await connection.write(bytes(1000));
  const sizes = writes.map(({ size }) => size);
  assertEquals(sizes.length, 16);
  assert(sizes.every((size) => size === 62 || size === 63), `${sizes}`);
  assertEquals(await takeExactly(target, 1000), bytes(1000));
  assertEquals(told.length, 16);
});

Deno.test("slicer varies its pieces by the seed, each apart from the next", async () => {
  const spec = toxic("slicer", { average_size: 100, size_variation: 50, delay: 5000 });
  const runs = await Promise.all([1, 1, 2].map(async (seed) => {
    const { connection, target, writes } = stream(toxics([spec], seed));
    await connection.write(bytes(1000));
    assertEquals(await takeExactly(target, 1000), bytes(1000));
    for (let i = 1; i < writes.length; i++) assert(writes[i]!.at - writes[i - 1]!.at >= 4.9);
    return writes.map(({ size }) => size);
  }));
  assertEquals(runs[0], runs[1]);
  assert(String(runs[0]) !== String(runs[2]), "another seed is the same");
  assert(new Set(runs[0]).size > 4 && runs[0]!.every((size) => size <= 150), `${runs[0]}`);
});

Deno.test("slicer without a size slices nothing, and ends when it is removed", async () => {
  const all = toxics([toxic("slicer", { size_variation: 5 })]);
  const whole = stream(all);
  await whole.connection.write(bytes(1000));
  assertEquals(whole.writes.map(({ size }) => size), [1000]);
  all.update("slicer", {
    attributes: { average_size: 10, size_variation: 0, delay: 3_600_000_000 },
  });
  const sending = whole.connection.write(bytes(1000));
  assert(await isPending(sending));
  all.remove("slicer");
  await soon(sending, "the rest");
  assertEquals(whole.writes.map(({ size }) => size), [1000, 7, 993]);
});

Deno.test("chop sends pieces of exactly its size, and the rest", async () => {
  const { connection, target, writes, told } = stream(toxics([toxic("chop", { size: 3 })]));
  await connection.write(bytes(10));
  assertEquals(writes.map(({ size }) => size), [3, 3, 3, 1]);
  assertEquals(await takeExactly(target, 10), bytes(10));
  assertEquals(told.length, 4);
});

for (
  const [limit, chunks, arrives, ends] of [
    [8, [3, 4], 7, false],
    [8, [3, 5], 8, true],
    [8, [3, 10], 8, true],
    [8, [8], 8, true],
    [0, [4], 0, true],
  ] as const
) {
  Deno.test(`limit_data of ${limit} passes ${arrives} of ${chunks.join("+")} bytes`, async () => {
    for (const reset of [false, true]) {
      const all = toxics([toxic("limit_data", { bytes: limit, reset })]);
      const { connection, writes, told } = stream(all);
      let failure: unknown;
      for (const size of chunks) await connection.write(bytes(size)).catch((e) => failure = e);
      assertEquals(failure instanceof FaultError, ends);
      assertEquals(failure instanceof ResetFaultError, ends && reset);
      assertEquals(`${failure}`.includes("the peer sees a plain end"), ends && reset);
      assertEquals(told.length, ends ? 1 : 0);
      assertEquals(writes.reduce((sum, { size }) => sum + size, 0), arrives);
      connection.close();
    }
  });
}

Deno.test("limit_data counts on through changes, and lets all pass once it is removed", async () => {
  const all = toxics([toxic("limit_data", { bytes: 10 })]);
  const { connection, target } = stream(all);
  await connection.write(bytes(6));
  all.update("limit_data", { attributes: { bytes: 20 } });
  await connection.write(bytes(6));
  all.update("limit_data", { attributes: { bytes: 13 } });
  assertEquals(await takeExactly(target, 12), new Uint8Array([...bytes(6), ...bytes(6)]));
  all.remove("limit_data");
  await connection.write(bytes(100));
  assertEquals(await takeExactly(target, 100), bytes(100));
});

Deno.test("limit_data lets whole messages through, and ends at the first that doesn't fit", async () => {
  const { connection, sent } = channel(toxics([toxic("limit_data", { bytes: 8 })]));
  await connection.send({ data: bytes(5) });
  await connection.send({ data: bytes(0) });
  await assertRejects(() => connection.send({ data: bytes(4) }), FaultError, "ended after 5 bytes");
  assertEquals(sent.map(({ data }) => data.length), [5, 0]);
});

Deno.test("limit_time ends a connection in mid-stream, as a reset if asked", async () => {
  for (const reset of [false, true]) {
    const start = performance.now();
    const all = toxics([toxic("limit_time", { time: 200, reset })]);
    const { connection, target, told } = stream(all);
    await connection.write(bytes(5));
    assertEquals(await takeExactly(target, 5), bytes(5));
    const error = await connection.closed;
    assert(performance.now() - start >= 199);
    assertEquals([error instanceof FaultError, error instanceof ResetFaultError], [true, reset]);
    assertEquals(told.length, 1);
  }
});

Deno.test("limit_time counts from the beginning also when it is changed", async () => {
  const all = toxics([toxic("limit_time", { time: 3_600_000 })]);
  const [first, second] = [stream(all), stream(all, { id: 2 })];
  await new Promise((resolve) => setTimeout(resolve, 60));
  all.update("limit_time", { attributes: { time: 50 } });
  await soon(first.connection.closed, "the end");
  all.remove("limit_time");
  second.connection.close();
});

Deno.test("stall lets its bytes pass, then nothing, EOF included, until it is removed", async () => {
  for (const change of ["update", "remove"] as const) {
    const all = toxics([toxic("stall", { bytes: 8 })]);
    const { connection, target, told } = stream(all);
    await connection.write(bytes(5));
    const rest = connection.write(bytes(5)).then(() => connection.closeWrite());
    assertEquals((await takeExactly(target, 8)).length, 8);
    assert(await isPending(rest));
    all.update("stall", { attributes: { bytes: 10 } });
    assertEquals((await takeExactly(target, 2)).length, 2);
    assert(await isPending(rest), "EOF has passed");
    if (change === "remove") all.remove("stall");
    else all.update("stall", { attributes: { bytes: 11 } });
    await soon(rest, "the rest");
    assertEquals(await readAll(target), bytes(0));
    assertEquals(told.map(({ text }) => text), ["stalled after 8 bytes to memory:b"]);
    connection.close();
  }
});

Deno.test("stall can begin after a time", async () => {
  const all = toxics([toxic("stall", { time: 300 })]);
  const { connection, target } = stream(all);
  await connection.write(bytes(1000));
  await new Promise((resolve) => setTimeout(resolve, 301));
  const rest = connection.write(bytes(5));
  assertEquals((await takeExactly(target, 1000)).length, 1000);
  assert(await isPending(rest));
  all.clear();
  await soon(rest, "the rest");
});

Deno.test("stall holds back whole messages", async () => {
  const all = toxics([toxic("stall", { bytes: 8 })]);
  const { connection, sent } = channel(all);
  await connection.send({ data: bytes(8) });
  const next = connection.send({ data: bytes(0) });
  assert(await isPending(next));
  all.clear();
  await next;
  assertEquals(sent.map(({ data }) => data.length), [8, 0]);
});

/** Everything that a fault lets arrive of 5000 bytes that are written in pieces. */
async function through(connection: Duplex, target: Duplex, size: number): Promise<Uint8Array> {
  const all = bytes(5000);
  const reading = readAll(target);
  for (let at = 0; at < all.length; at += size) await connection.write(all.slice(at, at + size));
  await connection.closeWrite();
  assertEquals(all, bytes(5000), "what is the caller's was changed");
  return await reading;
}

Deno.test("corrupt flips one bit of its part of all bytes, the same whatever the pieces", async () => {
  const run = async (size: number, seed = 1, probability = 0.1) => {
    const all = toxics([toxic("corrupt", { probability })], seed);
    const { connection, target } = stream(all);
    return await through(connection, target, size);
  };
  const first = await run(5000);
  const wrong = [...first].map((byte, i) => byte ^ (i & 255)).filter((flipped) => flipped > 0);
  assert(wrong.length > 400 && wrong.length < 600, `${wrong.length} of 5000`);
  assert(wrong.every((flipped) => [1, 2, 4, 8, 16, 32, 64, 128].includes(flipped)));
  for (const size of [1, 7, 1000]) assertEquals(await run(size), first);
  assert(String(await run(5000, 2)) !== String(first), "another seed is the same");
  assertEquals(await run(1000, 1, 0), bytes(5000));
  assert((await run(1000, 1, 1)).every((byte, i) => byte !== (i & 255)));
});

Deno.test("loss and duplicate happen as often as they should, again with the same seed", async () => {
  const lost = await numbers(["loss", { probability: 0.3 }], 250, 7);
  assert(lost.told.length > 40 && lost.told.length < 110, `${lost.told.length} lost`);
  assertEquals(lost.arrived.length, 250 - lost.told.length);
  const doubled = await numbers(["duplicate", { probability: 0.2 }], 250, 7);
  assert(doubled.told.length > 15 && doubled.told.length < 85, `${doubled.told.length} doubled`);
  assertEquals(doubled.arrived.length, 250 + doubled.told.length);
  for (const [type, { arrived }] of [["loss", lost], ["duplicate", doubled]] as const) {
    const probability = type === "loss" ? 0.3 : 0.2;
    assertEquals((await numbers([type, { probability }], 250, 7)).arrived, arrived);
    const other = await numbers([type, { probability }], 250, 8);
    assert(String(other.arrived) !== String(arrived), "another seed is the same");
  }
});

Deno.test("reorder loses nothing and lets none be overtaken by more than asked", async () => {
  for (const window of [1, 3, 5]) {
    const { arrived, told } = await numbers(["reorder", { window }]);
    assertEquals(arrived.toSorted((a, b) => a - b), [...bytes(250)]);
    const overtaken = arrived.map((number, at) => {
      return arrived.slice(0, at).filter((earlier) => earlier > number).length;
    });
    assertEquals(Math.max(...overtaken), window);
    assert(told.length > 0);
    const again = await numbers(["reorder", { window }]);
    assertEquals(again.arrived, arrived, "the same seed, the same order");
  }
});

Deno.test("reorder sends what nothing overtakes after a while, or once it is removed", async () => {
  for (const change of ["wait", "update", "remove"] as const) {
    const all = toxics([toxic("reorder", { window: 3 })]);
    const { connection, sent, told } = channel(all);
    await connection.send({ data: bytes(1) });
    await connection.send({ data: bytes(2), text: true });
    assertEquals(sent, []);
    if (change === "remove") all.remove("reorder");
    if (change === "update") all.update("reorder", { attributes: { window: 0 } });
    if (change === "wait") await until(() => sent.length === 2, "what waited for long enough");
    await connection.send({ data: bytes(3) });
    const wanted = change === "wait" ? 2 : 3;
    const arrived = sent.map(({ data, text }) => [data.length, text]);
    assertEquals(arrived, [[1, undefined], [2, true], [3, undefined]].slice(0, wanted));
    assertEquals(told, []);
    connection.close();
  }
});

Deno.test("streams ignore faults for messages, and messages ignore slicing", async () => {
  const all = toxics([
    toxic("loss", { probability: 1 }),
    toxic("duplicate", { probability: 1 }),
    toxic("reorder", { window: 5 }),
  ]);
  const { connection, target } = stream(all);
  await connection.write(bytes(4));
  assertEquals(await takeExactly(target, 4), bytes(4));
  assertEquals((await numbers(["chop", { size: 1 }], 3)).arrived, [0, 1, 2]);
  const { connection: sliced, sent } = channel(toxics([toxic("slicer", { average_size: 1 })]));
  await sliced.send({ data: bytes(100) });
  assertEquals(sent.map(({ data }) => data.length), [100]);
});
