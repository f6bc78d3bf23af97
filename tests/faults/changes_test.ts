/** Toxics that come, change and go while bytes pass: none is lost, doubled or out of its place. */
import { assert, assertEquals } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { Toxics } from "../../src/faults/mod.ts";
import { readAll } from "../support/connections.ts";
import { below, chop, type Generator, generator } from "../support/random.ts";
import { soon } from "../support/wait.ts";
import { changeAtRandom } from "./random_changes.ts";
import { type Peer, ToxicRelay } from "./relay.ts";
import { bytes, channel, stream } from "./support.ts";

/** Runs a trial with many seeds at once. */
async function trials(count: number, trial: (seed: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => trial(i + 1)));
}

/** Lends `data` as a pump does, which reads into the same buffer again. */
async function lend(data: Uint8Array, send: (lent: Uint8Array) => Promise<void>): Promise<void> {
  const lent = data.slice();
  await send(lent);
  lent.fill(0xee);
}

/** Everything until EOF, for a reader that is slow at times, so that its writer has to wait. */
async function readSlowly(target: Duplex, random: Generator): Promise<Uint8Array> {
  const slow: Pick<Duplex, "read"> = {
    async read(buffer) {
      await sometimesPause(random);
      return await target.read(buffer.subarray(0, 1 + below(random, 1000)));
    },
  };
  return await readAll(slow);
}

async function sometimesPause(random: Generator): Promise<void> {
  if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("whatever the pieces and the changes of toxics, every byte arrives in its place", async () => {
  await trials(60, async (seed) => {
    const random = generator(seed);
    const all = new Toxics(seed);
    const { connection, target } = stream(all, { limit: 1 + below(random, 5000) });
    const input = bytes(20_000);
    const sending = (async () => {
      for (const piece of chop(random, input, 1 + below(random, 4000))) {
        await lend(piece, (lent) => connection.write(lent));
        await sometimesPause(random);
      }
      await connection.closeWrite();
    })();
    const reading = readSlowly(target, random);
    const changing = changeAtRandom(all, generator(seed + 1000), 30);
    assertEquals(await soon(reading, `the end, with seed ${seed}`), input, `seed ${seed}`);
    await Promise.all([sending, changing]);
    connection.close();
  });
});

Deno.test("whatever the changes of toxics, every message arrives once, whole and in order", async () => {
  await trials(40, async (seed) => {
    const random = generator(seed);
    const all = new Toxics(seed);
    const { connection, sent, ended } = channel(all, { pause: () => sometimesPause(random) });
    const messages = Array.from({ length: 200 }, (_, i) => ({
      data: bytes(below(random, 300)).map((byte) => byte ^ i),
      text: i % 2 === 0,
    }));
    const sending = (async () => {
      for (const { data, text } of messages) {
        await lend(data, (lent) => connection.send({ data: lent, text }));
        await sometimesPause(random);
      }
      await connection.closeWrite();
    })();
    await changeAtRandom(all, generator(seed + 1000), 30);
    await soon(sending, `the end, with seed ${seed}`);
    assert(ended());
    assertEquals(sent, messages, `seed ${seed}`);
    connection.close();
  });
});

/** Sends numbered bytes in pieces until `stop`, then EOF; resolves with how many there were. */
async function sendUntil(stop: AbortSignal, peer: Peer, random: Generator): Promise<number> {
  let sent = 0;
  while (!stop.aborted) {
    const data = numbered(sent, 1 + below(random, 500));
    await peer.send(data);
    sent += data.length;
    await new Promise((resolve) => setTimeout(resolve, below(random, 40)));
  }
  await peer.connection.closeWrite();
  return sent;
}

/** Bytes of an endless row in which each depends on its place. */
function numbered(from: number, count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, i) => Math.imul(from + i, 2654435761) >>> 24);
}

/** Reads that row to EOF; returns how long it was. */
async function receiveNumbered(peer: Peer, name: string): Promise<number> {
  let at = 0;
  for (let data = await peer.receive(); data !== null; data = await peer.receive()) {
    const expected = numbered(at, data.length);
    assert(data.every((byte, i) => byte === expected[i]), `${name}: wrong after ${at} bytes`);
    at += data.length;
  }
  return at;
}

Deno.test("1,000 changes of toxics lose no byte of 50 connections, nor their half-close", async () => {
  await using relay = await ToxicRelay.start("tcp");
  const changing = new AbortController();
  const exchanges = Array.from({ length: 50 }, async (_, i) => {
    const random = generator(i + 1);
    const { client, target } = await relay.connect();
    const receiving = receiveNumbered(target, `${i} upstream`);
    const sent = sendUntil(changing.signal, client, random);
    const sentBack = sendUntil(changing.signal, target, random);
    const receivedBack = receiveNumbered(client, `${i} downstream`);
    assertEquals([await receiving, await receivedBack], [await sent, await sentBack], `${i}`);
    return await receiving + await receivedBack;
  });
  const exchanged = Promise.all(exchanges);
  await changeAtRandom(relay.toxics, generator(7), 1000);
  changing.abort();
  const lengths = await soon(exchanged, "the end of all");
  assert(lengths.every((length) => length > 1000), `${lengths}`);
  assertEquals(relay.events.filter(({ level }) => level === "error"), []);
});
