import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Duplex, Message } from "../../src/core/duplex.ts";
import {
  BrokenError,
  CloseError,
  LocalError,
  ShutdownError,
  TimeoutError,
} from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { ViolationError } from "../../src/ws/close.ts";
import { DuplexWrapper } from "../../src/wrap/wrapper.ts";
import { decode, encode, readAll, readExactly } from "../support/connections.ts";
import { recorder } from "../support/log.ts";
import { randomBytes } from "../support/random.ts";
import { isPending, soon, until } from "../support/wait.ts";
import { bareServer, channelOn, channelPair } from "./pair.ts";
import { bytes, frame, frames, masked } from "./wire.ts";

const KiB = 1024;

const text = (data: string): Message => ({ data: encode(data), text: true });

/** Closes both and waits for both closes. */
async function finish(
  ...connections: { close(): void; closed: Promise<unknown> }[]
): Promise<void> {
  for (const connection of connections) connection.close();
  await soon(Promise.allSettled(connections.map((connection) => connection.closed)), "closing");
}

/** Counts the bytes read from a stream. */
class Counted extends DuplexWrapper {
  count = 0;
  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.inner.read(buffer);
    this.count += count ?? 0;
    return count;
  }
}

/** The next frame that the peer of a channel reads; its payload is shorter than 126 bytes. */
async function nextFrame(peer: Duplex) {
  const header = await readExactly(peer, 2);
  const rest = await readExactly(peer, (header[1]! & 0x7f) + (header[1]! & 0x80 ? 4 : 0));
  return frames(Uint8Array.of(...header, ...rest))[0]!;
}

/** Code and reason of a Close that the peer of a channel reads. */
async function nextClose(peer: Duplex): Promise<string> {
  const { opcode, payload } = await soon(nextFrame(peer), "a Close");
  assertEquals(opcode, 8);
  return `${(payload[0]! << 8) | payload[1]!} ${decode(payload.subarray(2))}`.trim();
}

Deno.test("messages keep their boundaries, types and order, both ways", async () => {
  const [client, server] = await channelPair();
  const messages: Message[] = [
    text(""),
    { data: new Uint8Array(), text: false },
    text("ä€😀\0"),
    { data: randomBytes(125), text: false },
    { data: randomBytes(126), text: false },
    { data: randomBytes(65_535), text: false },
    { data: randomBytes(65_536), text: false },
    { data: randomBytes(300_000), text: false },
    text("x".repeat(200_000)),
  ];
  for (const [from, to] of [[client, server], [server, client]] as const) {
    const sending = Promise.all(messages.map((message) => from.send(message)));
    for (const message of messages) assertEquals(await soon(to.receive(), "message"), message);
    await sending;
  }
  await finish(client, server);
});

for (const role of ["client", "server"] as const) {
  Deno.test(`messages of any length arrive whole, however much arrives at once, at a ${role}`, async () => {
    const [ourSide, peer] = memoryPair(4 * KiB * KiB);
    const channel = channelOn(ourSide, role);
    const sizes = [100, 1023, 1024, 1025, 1027, 5001, 70_003, 300_000, 900_001, 66_002, 3];
    const messages = sizes.map((size) => randomBytes(size));
    for (const data of messages) {
      const plain = frame(0x82, data);
      await peer.write(role === "server" ? masked(plain, randomBytes(4)) : plain);
    }
    for (const data of messages) {
      assertEquals((await soon(channel.receive(), "message"))!.data, data);
    }
    peer.close();
    await finish(channel);
  });
}

Deno.test("sent data isn't modified", async () => {
  const [client, server] = await channelPair();
  const data = randomBytes(1000);
  const before = data.slice();
  await client.send({ data });
  assertEquals(data, before);
  await finish(client, server);
});

Deno.test("a message stays with the peer until it is received", async () => {
  const [ourSide, peer] = memoryPair(16 * KiB);
  const stream = new Counted(ourSide);
  const channel = channelOn(stream, "client");
  let written = 0;
  const writing = (async () => {
    for (; written < 64; written++) await peer.write(frame(0x82, new Uint8Array(4 * KiB)));
  })();
  await until(() => written >= 3, "the first frames are on their way");
  assert(await isPending(writing));
  assertEquals(stream.count, 0);
  await channel.receive();
  assert(await isPending(writing));
  assert(stream.count <= 8 * KiB, `${stream.count} bytes were read for a message of 4 KiB`);
  for (let i = 1; i < 64; i++) await channel.receive();
  await soon(writing, "the rest");
  peer.close();
  await finish(channel);
});

Deno.test("send resolves when the stream has taken all of the message", async () => {
  const { channel, peer } = bareServer({}, 16 * KiB);
  const sending = channel.send({ data: new Uint8Array(64 * KiB) });
  assert(await isPending(sending));
  await readExactly(peer, 64 * KiB + 14);
  await soon(sending, "send");
  peer.close();
  await finish(channel);
});

Deno.test("messages that are sent at the same time come out whole", async () => {
  const [client, server] = await channelPair({ limit: 1000 });
  const sizes = [10, 70_000, 0, 5000, 200, 100_000];
  const sending = Promise.all(
    sizes.map((size, i) => client.send({ data: new Uint8Array(size).fill(i) })),
  );
  for (const [i, size] of sizes.entries()) {
    const { data } = (await soon(server.receive(), "message"))!;
    assertEquals([data.length, data.every((byte) => byte === i)], [size, true]);
  }
  await sending;
  await finish(client, server);
});

Deno.test("while a pong can't be written, only the latest ping is kept", async () => {
  const { channel, peer } = bareServer({}, 1 * KiB);
  const sending = channel.send({ data: new Uint8Array(8 * KiB) }); // Stalls: nobody reads.
  const receiving = channel.receive();
  for (let i = 0; i < 500; i++) await soon(peer.write(frame(0x89, `ping ${i}`)), `ping ${i}`);
  await peer.write(frame(0x81, "message"));
  assertEquals(decode((await soon(receiving, "message"))!.data), "message");
  await readExactly(peer, 4 + 4 + 8 * KiB);
  const pongs = [await nextFrame(peer), await nextFrame(peer)];
  assertEquals(pongs.map(({ opcode, payload }) => [opcode, decode(payload)]), [
    [10, "ping 0"],
    [10, "ping 499"],
  ]);
  await sending;
  peer.close();
  await finish(channel);
});

Deno.test("pings go out every --ping, and answered ones keep the connection", async () => {
  const { channel, peer } = bareServer({ ping: 10, pingTimeout: 400 });
  const receiving = channel.receive();
  for (let i = 0; i < 5; i++) {
    const { opcode, payload } = await soon(nextFrame(peer), "a ping");
    assertEquals(opcode, 9);
    await peer.write(frame(0x8a, payload));
  }
  assert(await isPending(receiving));
  peer.close();
  await assertRejects(() => receiving, CloseError);
  await finish(channel);
});

Deno.test("a missed pong is a timeout, and the peer isn't waited for", async () => {
  const { channel } = bareServer({ ping: 10, pingTimeout: 50 });
  const start = performance.now();
  const error = await assertRejects(
    () => soon(channel.receive(), "timeout"),
    TimeoutError,
    "no pong for 0.05 s",
  );
  assertEquals(error.status, 5);
  await soon(channel.closed, "closed");
  assert(performance.now() - start < 1500, "closing waited for a peer that has gone");
});

Deno.test("a pong that answers another ping doesn't count", async () => {
  const { channel, peer } = bareServer({ pingTimeout: 50 });
  await peer.write(frame(0x8a, "something"));
  await assertRejects(() => soon(channel.receive(), "timeout"), TimeoutError);
});

Deno.test("a pong isn't missed while nothing is received", async () => {
  const { channel, peer } = bareServer({ ping: 10, pingTimeout: 40 });
  const { payload } = await soon(nextFrame(peer), "a ping");
  await peer.write(frame(0x82, "before"));
  await peer.write(frame(0x8a, payload));
  await new Promise((resolve) => setTimeout(resolve, 150)); // Several times the limit.
  assertEquals(decode((await channel.receive())!.data), "before");
  await peer.write(frame(0x82, "after"));
  assertEquals(decode((await channel.receive())!.data), "after");
  peer.close();
  await finish(channel);
});

Deno.test("a pong isn't missed while a long message is on its way", async () => {
  const { channel, peer } = bareServer({ ping: 10, pingTimeout: 60 });
  const receiving = channel.receive();
  await peer.write(bytes("82 7e 0400"));
  for (let i = 0; i < 8; i++) { // Eight pieces of a message, 30 ms apart.
    await peer.write(new Uint8Array(128));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assertEquals((await soon(receiving, "message"))!.data.length, 1024);
  peer.close();
  await finish(channel);
});

Deno.test("a peer that closes without a Close is 1006", async () => {
  const { channel, peer } = bareServer();
  await peer.write(frame(0x81, "last words"));
  await peer.closeWrite();
  assertEquals(decode((await channel.receive())!.data), "last words");
  const error = await assertRejects(() => channel.receive(), CloseError, "1006");
  assertEquals([error.status, error.code], [8, 1006]);
  await assertRejects(() => channel.receive(), CloseError); // And stays closed.
  await soon(channel.closed, "closed");
  peer.close();
});

Deno.test("a reset is reported as one, and is no clean close", async () => {
  const { channel, peer } = bareServer();
  const receiving = channel.receive();
  peer.close(new BrokenError("receive from", "peer", "reset by peer"));
  const error = await assertRejects(() => soon(receiving, "reset"), CloseError, "reset by peer");
  assertEquals(error.code, 1006);
  await finish(channel);
});

Deno.test("close sends 1000, waits for the peer's Close, and drops what comes before it", async () => {
  const { channel, peer } = bareServer();
  const receiving = channel.receive();
  channel.close();
  channel.close();
  assertEquals(await receiving, null);
  assertEquals(await channel.receive(), null);
  await assertRejects(() => channel.send(text("late")), BrokenError, "already closed");
  assertEquals(await nextClose(peer), "1000");
  await peer.write(frame(0x81, "too late"));
  assert(await isPending(channel.closed));
  await peer.write(bytes("88 02 03e8"));
  assert(await isPending(channel.closed), "a client leaves closing to the server");
  await peer.closeWrite();
  await soon(channel.closed, "closed");
  peer.close();
});

Deno.test("a server closes the connection once both have sent Close", async () => {
  const [client, server] = await channelPair();
  server.close();
  assertEquals(await soon(client.receive(), "the Close"), null);
  await soon(server.closed, "the server");
  await soon(client.closed, "the client");
  client.close();
});

const ours: [name: string, reason: Error | undefined, close: string][] = [
  ["no reason", undefined, "4000 done"],
  ["the end of the program", new ShutdownError(), "1001"],
  ["silence", new TimeoutError("idle", "peer", "no byte for 1 s"), "1001"],
  ["our own disk", new LocalError("write", "file", "disk full"), "1011"],
  ["a broken other leg", new BrokenError("receive from", "other", "reset by peer"), "1011"],
  ["another WebSocket's Close", new CloseError("other", 4321, "why"), "4321 why"],
  ["another WebSocket's end", new CloseError("other", 1006, "gone"), "1011"],
];

for (const [name, reason, close] of ours) {
  Deno.test(`payload of Close: ${name}`, async () => {
    const { channel, peer } = bareServer({ close: { code: 4000, reason: "done" } });
    const receiving = channel.receive();
    channel.close(reason);
    if (reason) await assertRejects(() => receiving, Error, reason.message);
    else assertEquals(await receiving, null);
    assertEquals(await nextClose(peer), close);
    peer.close();
    await soon(channel.closed.catch(() => {}), "closed");
  });
}

Deno.test("the code that we close with is no error from the peer either", async () => {
  const { channel, peer } = bareServer({ close: { code: 4000, reason: "" } });
  await peer.write(bytes("88 02 0fa0"));
  assertEquals(await channel.receive(), null);
  peer.close();
  await soon(channel.closed, "closed");
});

Deno.test("a peer that answers our Close with an error is what closed rejects with", async () => {
  const { channel, peer } = bareServer();
  channel.close();
  assertEquals(await nextClose(peer), "1000");
  await peer.write(bytes('88 06 03f3 "oops"'));
  await peer.closeWrite();
  await assertRejects(() => soon(channel.closed, "closed"), CloseError, "1011: oops");
  peer.close();
});

Deno.test("a peer that sends FIN instead of answering our Close has closed in order", async () => {
  const { channel, peer } = bareServer();
  channel.close();
  assertEquals(await nextClose(peer), "1000");
  peer.close();
  await soon(channel.closed, "closed");
  assertEquals(channel.closeCode, 1006);
});

Deno.test("a peer that resets instead of answering our Close has not closed in order", async () => {
  const { channel, peer } = bareServer();
  channel.close();
  await nextClose(peer);
  peer.close(new BrokenError("receive from", "peer", "reset by peer"));
  const error = await assertRejects(() => soon(channel.closed, "closed"), CloseError, "reset");
  assertEquals(error.code, 1006);
});

Deno.test("a peer that never answers our Close is given up after 2 s, and that is no error", async () => {
  const { channel, peer } = bareServer();
  const start = performance.now();
  channel.close();
  await soon(channel.closed, "closed");
  const took = performance.now() - start;
  assert(took > 1900 && took < 10_000, `took ${took} ms`);
  assertEquals(await readAll(peer).then((all) => all.length > 0), true);
});

Deno.test("a peer that doesn't even take our Close has not closed in order", async () => {
  const { channel, peer } = bareServer({}, 1 * KiB);
  const sending = channel.send({ data: new Uint8Array(8 * KiB) });
  sending.catch(() => {}); // Closed with the connection.
  channel.close();
  const error = await assertRejects(() => soon(channel.closed, "closed"), CloseError, "no Close");
  assertEquals(error.code, 1006);
  await assertRejects(() => soon(sending, "send"));
  peer.close();
});

Deno.test("a peer that doesn't read is closed all the same", async () => {
  const { channel, peer } = bareServer({}, 1 * KiB);
  const sending = channel.send({ data: new Uint8Array(8 * KiB) });
  const receiving = channel.receive();
  channel.close(new ShutdownError());
  await assertRejects(() => receiving, ShutdownError);
  await assertRejects(() => soon(sending, "send"));
  await soon(channel.closed, "closed");
  peer.close();
});

Deno.test("nothing can be sent to a peer that has closed, and the error has its code", async () => {
  const { channel, peer } = bareServer();
  await peer.write(bytes('88 05 03e8 "bye"'));
  assertEquals(await channel.receive(), null);
  await assertRejects(() => channel.send(text("x")), BrokenError, 'closed with 1000 "bye"');
  peer.close();
  await finish(channel);
});

Deno.test("a write that fails is explained by the Close that follows", async () => {
  const [ourSide, peer] = memoryPair();
  const failing = new (class extends DuplexWrapper {
    override write(): Promise<void> {
      return Promise.reject(new BrokenError("send to", "peer", "broken pipe"));
    }
  })(ourSide);
  const channel = channelOn(failing, "client");
  const receiving = assertRejects(() => channel.receive(), CloseError);
  const sending = channel.send(text("x"));
  await peer.write(bytes('88 05 03f1 "big"'));
  await assertRejects(() => soon(sending, "send"), CloseError, "1009: big");
  await receiving;
  peer.close();
  await finish(channel);
});

/** A message of `count` fragments, one byte each but for the first, as a server sends it. */
async function sendFragments(peer: Duplex, count: number): Promise<void> {
  const many = bytes(Array(1024).fill("00 01 61").join(" "));
  await peer.write(bytes("02 00"));
  for (let left = count - 2; left > 0; left -= 1024) await peer.write(many.subarray(0, left * 3));
  await peer.write(bytes("80 01 61"));
}

Deno.test("a message may come in 131,072 fragments, a byte each, and they cost no more than that", async () => {
  const { channel, peer } = bareServer();
  const writing = sendFragments(peer, 131_072);
  const before = Deno.memoryUsage();
  let most = 0;
  const watch = setInterval(() => {
    const { heapUsed, external } = Deno.memoryUsage();
    most = Math.max(most, heapUsed + external - before.heapUsed - before.external);
  }, 1);
  const message = await soon(channel.receive(), "message");
  clearInterval(watch);
  await writing;
  assertEquals(message!.data.length, 131_071);
  assert(most < 12 * KiB * KiB, `${(most / KiB / KiB).toFixed(1)} MiB for 131,072 bytes`);
  peer.close();
  await finish(channel);
});

Deno.test("a message in too many fragments is refused", async () => {
  const { channel, peer } = bareServer();
  const receiving = assertRejects(() => channel.receive(), ViolationError, "fragments");
  const writing = sendFragments(peer, 131_073).catch(() => {});
  assertEquals((await soon(receiving, "refusal")).code, 1009);
  assertEquals(await nextClose(peer), "1009");
  await writing;
  peer.close();
  await finish(channel);
});

/** A peer that sends a message of 600 MiB in fragments of 64 KiB, generated as they are read. */
class Endless implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly peer = "endless";
  readonly closed = Promise.resolve();
  readonly sent: Uint8Array[] = [];
  left = 600 * KiB * KiB;
  readonly #frame = frame(0x00, new Uint8Array(64 * KiB));
  #at = 0;
  #first = true;

  async read(buffer: Uint8Array): Promise<number | null> {
    await Promise.resolve();
    if (this.left <= 0) return null;
    const count = Math.min(buffer.length, this.#frame.length - this.#at);
    buffer.set(this.#frame.subarray(this.#at, this.#at + count));
    if (this.#first) buffer[0] = 0x02;
    this.#first = false;
    this.#at = (this.#at + count) % this.#frame.length;
    this.left -= count;
    return count;
  }
  write(data: Uint8Array): Promise<void> {
    this.sent.push(data.slice());
    return Promise.resolve();
  }
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }
  close(): void {
    this.left = 0;
  }
}

Deno.test("a message of 600 MiB in fragments is refused within 40 MiB of memory", async () => {
  const peer = new Endless();
  const channel = channelOn(peer, "client");
  const before = Deno.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 1);
  const error = await assertRejects(() => channel.receive(), ViolationError, "too big");
  await soon(channel.closed, "closed");
  clearInterval(watch);
  most = Math.max(most, Deno.memoryUsage().rss);
  assertEquals(error.code, 1009);
  assertEquals(frames(peer.sent[0]!)[0]!.payload, bytes("03f1"));
  const grown = (most - before) / KiB / KiB;
  assert(grown < 40, `grew by ${grown.toFixed(1)} MiB`);
});

Deno.test("an announced length alone takes no memory", async () => {
  const before = Deno.memoryUsage().rss;
  const waiting = await Promise.all(Array.from({ length: 64 }, async () => {
    const { channel, peer } = bareServer();
    const receiving = channel.receive().catch(() => null);
    await peer.write(bytes("82 7f 0000000001000000 00")); // 16 MiB, of which one byte comes.
    return { channel, peer, receiving };
  }));
  for (const { receiving } of waiting) assert(await isPending(receiving));
  const grown = (Deno.memoryUsage().rss - before) / KiB / KiB;
  for (const { channel, peer } of waiting) {
    peer.close();
    await finish(channel);
  }
  assert(grown < 32, `grew by ${grown.toFixed(1)} MiB`);
});

Deno.test("pings, pongs and Closes are logged, with code and reason", async () => {
  const { log, events } = recorder();
  const { channel, peer } = bareServer({}, undefined, log);
  await peer.write(bytes('89 00|8a 00|88 05 03e8 "bye"'.replaceAll("|", " ")));
  assertEquals(await channel.receive(), null);
  peer.close();
  await finish(channel);
  assertEquals(events.map(({ level, text }) => `${level}: ${text}`), [
    "trace: ping from memory:b",
    "trace: pong from memory:b",
    'debug: Close from memory:b: 1000 "bye"',
    'debug: Close to memory:b: 1000 "bye"',
  ]);
});
