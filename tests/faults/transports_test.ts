/** Every toxic over TCP, UDP and WebSocket, in both directions, on connections that are open. */
import { assert, assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { STREAMS, TOXIC_TYPES, type ToxicType } from "../../src/faults/mod.ts";
import { canSendResets } from "../../src/transports/held.ts";
import { isPending, until } from "../support/wait.ts";
import { type Peer, ToxicRelay, type Transport, TRANSPORTS } from "./relay.ts";
import { bytes, toxic } from "./support.ts";

/** What a trial has: who sends through the toxic, and who receives. */
interface Trial {
  readonly relay: ToxicRelay;
  readonly transport: Transport;
  readonly sender: Peer;
  readonly receiver: Peer;
  /** When the toxic was added, or the connection opened if that counts. */
  readonly start: number;
  /** Removes the toxic. */
  remove(): void;
}

/** How a peer sees that a fault has cut its connection, without and with a reset. */
const CUT: Record<Exclude<Transport, "udp">, readonly [string, string]> = {
  tcp: ["end", canSendResets() ? "ResetError" : "end"],
  ws: ["closed with 1011", "closed with 1006"],
};

/** Everything of so many bytes, in as many pieces as it comes. */
async function receiveAll(peer: Peer, count: number): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let left = count; left > 0; left -= parts.at(-1)!.length) {
    parts.push((await peer.receive())!);
  }
  return parts;
}

/** Sends `count` bytes, and sees that they arrive `ms` milliseconds after `start` or later. */
async function arrivesAfter(trial: Trial, count: number, ms: number): Promise<void> {
  const { sender, receiver } = trial;
  await sender.send(bytes(count));
  assertEquals(concat(await receiveAll(receiver, count)), bytes(count));
  const took = performance.now() - trial.start;
  assert(took >= ms, `${took} ms`);
}

/** Waits for both to be cut; a UDP peer has no way to see it. */
async function bothCut({ relay, transport, sender, receiver }: Trial, reset: boolean) {
  if (transport !== "udp") {
    const wanted = CUT[transport][reset ? 1 : 0];
    assertEquals(await Promise.all([sender.fate(), receiver.fate()]), [wanted, wanted]);
  }
  await until(() => relay.events.some(({ event }) => event === "failed"), "the failure");
}

/** Sees that nothing arrives as long as the toxic is there. */
async function blocks({ sender, receiver, remove }: Trial, attempt: Uint8Array<ArrayBuffer>) {
  const sending = sender.send(attempt);
  const receiving = receiver.receive();
  assert(await isPending(receiving));
  remove();
  await sending;
  return await receiving;
}

const small = bytes(8);

/** What each type does, seen from outside. Times are lower limits: the machine may be busy. */
const TRIALS: Record<ToxicType, [attributes: object, trial: (trial: Trial) => Promise<void>]> = {
  latency: [{ latency: 120 }, (trial) => arrivesAfter(trial, 8, 120)],
  bandwidth: [{ rate: 10 }, (trial) => arrivesAfter(trial, 2000, 200)],
  slow_close: [{ delay: 150 }, async (trial) => {
    const { sender, receiver, transport } = trial;
    await arrivesAfter(trial, 8, 0);
    if (transport !== "tcp") return; // The others have no EOF.
    const start = performance.now();
    await sender.connection.closeWrite();
    assertEquals(await receiver.receive(), null);
    assert(performance.now() - start >= 150);
  }],
  timeout: [{ timeout: 120 }, async (trial) => {
    await trial.sender.send(small);
    await bothCut(trial, false);
    assert(performance.now() - trial.start >= 120);
  }],
  reset_peer: [{ timeout: 60 }, async (trial) => {
    await trial.sender.send(small);
    await bothCut(trial, true);
    assert(performance.now() - trial.start >= 60);
  }],
  slicer: [{ average_size: 100, delay: 5000 }, async ({ sender, receiver, transport }) => {
    const start = performance.now();
    await sender.send(bytes(1000));
    const parts = await receiveAll(receiver, 1000);
    assertEquals(concat(parts), bytes(1000));
    if (transport !== "tcp") return assertEquals(parts.length, 1);
    assert(performance.now() - start >= 15 * 5, "16 pieces, each 5 ms after the one before");
    assert(parts.length > 1 && parts.length <= 16, `${parts.length} pieces`);
  }],
  limit_data: [{ bytes: 5 }, async (trial) => {
    const { sender, receiver, transport } = trial;
    await sender.send(small);
    if (transport === "tcp") {
      assertEquals(concat(await receiveAll(receiver, 5)), bytes(5));
    }
    await bothCut(trial, false);
  }],
  noop: [{}, (trial) => arrivesAfter(trial, 8, 0)],
  slow_open: [{ delay: 200 }, (trial) => arrivesAfter(trial, 8, 200)],
  limit_time: [{ time: 500, reset: true }, async (trial) => {
    await arrivesAfter(trial, 8, 0);
    await bothCut(trial, true);
    assert(performance.now() - trial.start >= 500);
  }],
  stall: [{ bytes: 8 }, async (trial) => {
    await arrivesAfter(trial, 8, 0);
    assertEquals(await blocks(trial, small), small);
  }],
  chop: [{ size: 3 }, (trial) => arrivesAfter(trial, 8, 0)],
  corrupt: [{ probability: 1 }, async ({ sender, receiver }) => {
    await sender.send(small);
    const wrong = concat(await receiveAll(receiver, 8)).map((byte, i) => byte ^ i);
    assert(wrong.every((flipped) => flipped > 0 && (flipped & (flipped - 1)) === 0), `${wrong}`);
  }],
  loss: [{ probability: 1 }, async (trial) => {
    if (trial.transport === "tcp") return await arrivesAfter(trial, 8, 0);
    await trial.sender.send(small);
    await until(() => trial.relay.faults().length > 0, "the loss");
    trial.remove();
    await arrivesAfter(trial, 9, 0);
  }],
  duplicate: [{ probability: 1 }, async (trial) => {
    await arrivesAfter(trial, 8, 0);
    if (trial.transport !== "tcp") assertEquals(await trial.receiver.receive(), small);
  }],
  reorder: [{ window: 2 }, async ({ sender, receiver }) => {
    for (let i = 0; i < 50; i++) await sender.send(Uint8Array.of(i));
    const arrived = concat(await receiveAll(receiver, 50));
    assertEquals(arrived.toSorted(), bytes(50));
  }],
};

/** Whether the type's faults are told where they do something. */
const isTold = (type: ToxicType, transport: Transport) =>
  !(type === "noop" || (type === "slow_close" && transport !== "tcp") ||
    (transport === "tcp"
      ? ["loss", "duplicate", "reorder"].includes(type)
      : ["slicer", "chop"].includes(type)));

async function tryToxic(type: ToxicType, transport: Transport, stream: typeof STREAMS[number]) {
  const opened = performance.now();
  await using relay = await ToxicRelay.start(transport);
  const { client, target } = await relay.connect();
  const [attributes, trial] = TRIALS[type];
  const start = type === "slow_open" ? opened : performance.now();
  relay.toxics.add(toxic(type, attributes as Record<string, number>, { name: "it", stream }));
  const [sender, receiver] = stream === "upstream" ? [client, target] : [target, client];
  await trial({
    relay,
    transport,
    sender,
    receiver,
    start,
    remove: () => relay.toxics.remove("it"),
  });
  const kinds = [...new Set(relay.faults())];
  assertEquals(kinds, isTold(type, transport) ? [type] : [], "what was told");
}

for (const transport of TRANSPORTS) {
  for (const type of TOXIC_TYPES) {
    Deno.test(`${type} does over ${transport} what it says, in either direction`, async () => {
      await Promise.all(STREAMS.map((stream) => tryToxic(type, transport, stream)));
    });
  }
}

Deno.test("bandwidth carries 480 kB at 1000 kB/s in no less than 480 ms, through a relay", async () => {
  await using relay = await ToxicRelay.start("tcp");
  relay.toxics.add(toxic("bandwidth", { rate: 1000 }));
  const { client, target } = await relay.connect();
  const start = performance.now();
  const sending = target.send(bytes(480_000));
  const received = concat(await receiveAll(client, 480_000));
  const ms = performance.now() - start;
  assert(ms >= 480 && ms < 1500, `${ms} ms`);
  assertEquals(received, bytes(480_000));
  await sending;
});

/** Attributes under which a type lets an exchange pass; undefined for those that cut it. */
const PASSING: Partial<Record<ToxicType, Record<string, number>>> = {
  latency: { latency: 20, jitter: 10 },
  bandwidth: { rate: 1000 },
  slow_close: { delay: 20 },
  timeout: { timeout: 0 },
  slicer: { average_size: 3, delay: 10 },
  limit_data: { bytes: 100 },
  noop: {},
  slow_open: { delay: 20 },
  limit_time: { time: 100_000 },
  stall: { bytes: 100 },
  chop: { size: 2 },
  corrupt: { probability: 0 },
  loss: { probability: 1 },
  duplicate: { probability: 1 },
  reorder: { window: 3 },
};

for (const [type, attributes] of Object.entries(PASSING) as [ToxicType, Record<string, number>][]) {
  Deno.test(`half-close is passed on under ${type}, in either direction`, async () => {
    await Promise.all(STREAMS.map(async (stream) => {
      await using relay = await ToxicRelay.start("tcp");
      relay.toxics.add(toxic(type, attributes, { stream }));
      const { client, target } = await relay.connect();
      for (const [from, to] of [[client, target], [target, client]] as const) {
        await from.send(small);
        await from.connection.closeWrite();
        const parts: Uint8Array[] = [];
        for (let data = await to.receive(); data; data = await to.receive()) parts.push(data);
        const isDropped = type === "timeout" && (from === client) === (stream === "upstream");
        assertEquals(concat(parts), isDropped ? bytes(0) : small);
      }
      assertEquals(relay.events.filter(({ level }) => level === "error"), []);
    }));
  });
}
