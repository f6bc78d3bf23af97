import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { TimeoutError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { sleep } from "../../src/core/time.ts";
import { idle, linger } from "../../src/wrap/idle.ts";
import { encode, MessageScript, readAll, readExactly } from "../support/connections.ts";
import { isPending, soon, until } from "../support/wait.ts";
import { bareServer } from "../ws/pair.ts";

const late = () => new TimeoutError("idle", "memory:b", "no byte for a while");

/** Moves a byte from one side to the other every few milliseconds, for longer than the timer. */
async function chatter(from: Duplex, to: Duplex, ms: number): Promise<void> {
  for (const deadline = performance.now() + ms; performance.now() < deadline;) {
    await from.write(encode("x"));
    await readExactly(to, 1);
    await sleep(5);
  }
}

Deno.test("idle closes a silent connection with its error, on both sides", async () => {
  const [client, target] = memoryPair();
  const watched = idle(client, 20, late);
  await soon(assertRejects(() => readAll(watched), TimeoutError), "the timeout");
  await assertRejects(() => readAll(target), TimeoutError);
});

for (const way of ["received", "sent"] as const) {
  Deno.test(`idle waits as long as bytes are ${way}`, async () => {
    const [client, target] = memoryPair();
    const watched = idle(client, 100, late);
    if (way === "sent") await chatter(watched, target, 250);
    else await chatter(target, watched, 250);
    watched.close();
    assertEquals(await readAll(watched), new Uint8Array());
  });
}

Deno.test("idle without an error is an EOF", async () => {
  const [client] = memoryPair();
  assertEquals(await soon(readAll(idle(client, 10, () => undefined)), "the end"), new Uint8Array());
});

Deno.test("idle counts messages as bytes, and clears its timer when closed", async () => {
  const channel = idle(new MessageScript([{ data: encode("m") }]), 3_600_000, late);
  assertEquals((await channel.receive())?.data, encode("m"));
  channel.close();
});

Deno.test("linger starts with our own EOF and no earlier", async () => {
  const [client] = memoryPair();
  const watched = linger(client, 10, late);
  const read = readAll(watched);
  await sleep(30);
  assert(await isPending(read));
  const failed = assertRejects(() => read, TimeoutError);
  await watched.closeWrite();
  await soon(failed, "the timeout");
});

Deno.test("linger is pushed back by what arrives", async () => {
  const [client, target] = memoryPair();
  const watched = linger(client, 100, late);
  await watched.closeWrite();
  await chatter(target, watched, 250);
  await target.closeWrite();
  assertEquals(await readAll(watched), new Uint8Array());
});

Deno.test("linger stops at the peer's EOF, whichever came first", async () => {
  for (const peerFirst of [true, false]) {
    const [client, target] = memoryPair();
    const closes: (Error | undefined)[] = [];
    const close = client.close.bind(client);
    client.close = (reason) => (closes.push(reason), close(reason));
    const watched = linger(client, 10, late);
    if (!peerFirst) await watched.closeWrite();
    await target.closeWrite();
    await readAll(watched);
    if (peerFirst) await watched.closeWrite();
    await sleep(30);
    assertEquals(closes, []);
  }
});

Deno.test("linger without an error is an EOF", async () => {
  const [client] = memoryPair();
  const watched = linger(client, 10, () => undefined);
  let over = false;
  const read = readAll(watched).then(() => over = true);
  await watched.closeWrite();
  await until(() => over, "the end");
  await read;
});

/** A message of ten letters: in one frame, whose payload arrives in pieces, or in ten. */
const SLOW: Record<string, Uint8Array[]> = {
  "a frame": [new Uint8Array([0x81, 10]), ...Array(10).fill(encode("x"))],
  "fragments": Array.from({ length: 10 }, (_, index) => {
    const first = index === 0 ? 1 : index === 9 ? 0x80 : 0;
    return new Uint8Array([first, 1, ...encode("x")]);
  }),
};

for (const [form, pieces] of Object.entries(SLOW)) {
  for (const [name, watch] of Object.entries({ idle, linger })) {
    Deno.test(`${name} is pushed back by a message that arrives slowly: ${form}`, async () => {
      const { channel, peer } = bareServer();
      const watched = watch(channel, 150, late);
      await watched.closeWrite();
      const received = watched.receive();
      for (const piece of pieces) {
        await peer.write(piece);
        await sleep(40);
      }
      assertEquals((await soon(received, "the message"))?.data, encode("x".repeat(10)));
      await peer.closeWrite();
      watched.close();
      await watched.closed.catch(() => {});
    });
  }
}

Deno.test("an unfinished message whose pieces stop is silence", async () => {
  const { channel, peer } = bareServer();
  const watched = linger(channel, 50, late);
  await watched.closeWrite();
  const failed = assertRejects(() => watched.receive(), TimeoutError);
  await peer.write(SLOW["a frame"]![0]!);
  await soon(failed, "the timeout");
  await peer.closeWrite();
  await watched.closed.catch(() => {});
});
