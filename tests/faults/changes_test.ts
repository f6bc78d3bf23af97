/** Toxics that come, change and go while bytes pass: none is lost, doubled or out of its place. */
import { assert, assertEquals } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { attributesOf, Toxics, type ToxicType } from "../../src/faults/mod.ts";
import { readAll } from "../support/connections.ts";
import { below, chop, type Generator, generator, pick } from "../support/random.ts";
import { soon } from "../support/wait.ts";
import { bytes, channel, stream, toxic } from "./support.ts";

/** Attributes that take no byte and no great time, for each type that can do without. */
const HARMLESS: Partial<Record<ToxicType, (random: Generator) => Record<string, number>>> = {
  latency: (random) => ({ latency: below(random, 12), jitter: below(random, 4) }),
  bandwidth: (random) => ({ rate: 1 + below(random, 5000) }),
  slow_close: (random) => ({ delay: below(random, 12) }),
  slicer: (random) => ({
    average_size: below(random, 300),
    size_variation: below(random, 300),
    delay: below(random, 300),
  }),
  limit_data: () => ({ bytes: 1e9 }),
  noop: () => ({}),
  slow_open: (random) => ({ delay: below(random, 12) }),
  limit_time: () => ({ time: 1e9 }),
  stall: () => ({ bytes: 1e9 }),
  chop: (random) => ({ size: below(random, 300) }),
  corrupt: () => ({ probability: 0 }),
  loss: () => ({ probability: 0 }),
  duplicate: () => ({ probability: 0 }),
};
/** Those that hold all back, to be changed or removed. */
const HOLDING: [ToxicType, Record<string, number>][] = [
  ["latency", { latency: 1e7 }],
  ["bandwidth", { rate: 0 }],
  ["slow_open", { delay: 1e7 }],
  ["slow_close", { delay: 1e7 }],
  ["slicer", { average_size: 9, delay: 1e10 }],
  ["stall", { bytes: 0 }],
];

/** Makes one random change: adds a toxic, updates one or removes one. */
function change(all: Toxics, random: Generator, number: number): void {
  const list = all.list();
  const types = Object.keys(HARMLESS) as ToxicType[];
  if (list.length < 4 && random() < 0.6) {
    const stream = pick(random, ["upstream", "downstream"] as const);
    const toxicity = pick(random, [1, 1, 0.5]);
    const [type, attributes] = random() < 0.2
      ? pick(random, HOLDING)
      : [pick(random, types)].map((type) => [type, HARMLESS[type]!(random)] as const)[0]!;
    all.add(toxic(type, attributes, { name: `${number}`, stream, toxicity }));
  } else if (list.length > 0) {
    const { name, type } = pick(random, list);
    if (random() < 0.5) return all.remove(name);
    const attributes = attributesOf(type, HARMLESS[type]!(random));
    all.update(name, { attributes, toxicity: pick(random, [0, 0.5, 1]) });
  }
}

/** Changes toxics each millisecond or so until `work` is done; in the end there are none. */
async function whileChanging(all: Toxics, random: Generator, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    change(all, random, i);
    await new Promise((resolve) => setTimeout(resolve, below(random, 3)));
  }
  all.clear();
}

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
    const changing = whileChanging(all, generator(seed + 1000), 30);
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
    await whileChanging(all, generator(seed + 1000), 30);
    await soon(sending, `the end, with seed ${seed}`);
    assert(ended());
    assertEquals(sent, messages, `seed ${seed}`);
    connection.close();
  });
});
