import { assert, assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { Channel, Connection, Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { QUEUE_LIMIT, SendQueue } from "../../src/chat/queue.ts";
import type { Rooms } from "../../src/chat/rooms.ts";
import { attend, PROTOCOL } from "../../src/chat/visit.ts";
import { encode } from "../support/connections.ts";
import { DEADLINE, soon, until } from "../support/wait.ts";
import { channelPair, rooms, Terminal } from "./people.ts";

const LF = 0x0a;

/** A member that keeps bytes; splitting them into lines as they arrive would be slow. */
class Face {
  readonly #chunks: Uint8Array[] = [];
  readonly #decoder = new TextDecoder();
  lines = 0;
  readonly reading: Promise<void>;

  constructor(
    readonly connection: Connection,
    readonly json: boolean,
    readonly visit: Promise<void>,
  ) {
    this.reading = connection.framing === "stream"
      ? this.#read(connection)
      : this.#receive(connection);
  }

  async #read(connection: Duplex): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      this.#keep(buffer.slice(0, n));
    }
  }

  async #receive(connection: Channel): Promise<void> {
    for (let m = await connection.receive(); m !== null; m = await connection.receive()) {
      this.#keep(m.data);
      this.#keep(Uint8Array.of(LF));
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) this.lines++;
  }

  say(text: string): Promise<void> {
    if (this.connection.framing === "stream") return this.connection.write(encode(text + "\n"));
    return this.connection.send({
      data: encode(this.json ? JSON.stringify({ type: "say", text }) : text),
    });
  }

  get text(): string {
    return this.#decoder.decode(concat(this.#chunks));
  }
}

function face(host: Rooms, request?: Channel["request"]): Face {
  const [ours, theirs]: [Connection, Connection] = request
    ? channelPair(request)
    : memoryPair(256 * 1024);
  const visit = attend({ connection: theirs, log: silent }, host);
  return new Face(ours, request?.protocol !== undefined, visit);
}

Deno.test("100 members see 100,000 lines in one order, though one of them is stalled", async () => {
  const host = rooms({ history: 0 });
  const [stalled, theirs] = memoryPair();
  const stalledVisit = attend({ connection: theirs, log: silent }, host);
  const faces = [face(host, { path: "/", protocol: PROTOCOL }), face(host, { path: "/" })];
  while (faces.length < 100) faces.push(face(host));
  await until(() => faces.every(({ lines }) => lines > 0), "everyone's arrival");

  await Promise.all(faces.map(async (face, who) => {
    for (let line = 0; line < 1000; line += 50) {
      const lines = Array.from({ length: 50 }, (_, i) => `${who}:${line + i}`);
      if (face.connection.framing === "stream") await face.say(lines.join("\n"));
      else for (const text of lines) await face.say(text);
    }
  }));
  // A welcome, a join of each who came later, the leave of the stalled one, and what the others
  // send.
  const complete = ({ lines, json }: Face, who: number) =>
    lines === 1 + (99 - who) + 1 + (json ? 100_000 : 99_000);
  await until(() => faces.every(complete), "every line at every member", 4 * DEADLINE);

  const lineIds = faces[0]!.text.matchAll(/"text":"(\d+:\d+)"/g);
  const order = [...lineIds].map((match) => match[1]!);
  assertEquals(order.length, 100_000);
  assertEquals(new Set(order).size, 100_000);
  const lines = order.map((text) => `[guest-${Number(text.split(":")[0]) + 2}] ${text}\n`);
  for (const [who, { text, json }] of faces.entries()) {
    if (json) continue;
    const own = `[guest-${who + 2}] `;
    const expected = lines.filter((line) => !line.startsWith(own)).join("");
    const seen = text.replace("-- guest-1 has left (too slow)\n", "");
    assert(seen.endsWith(expected), `the log of ${who}`);
  }
  assert(faces[0]!.text.includes('"text":"too slow"'), "the stalled one is disconnected");
  for (const { connection } of faces) connection.close();
  stalled.close();
  await Promise.allSettled([
    ...faces.flatMap(({ visit, reading }) => [visit, reading]),
    stalledVisit,
  ]);
});

Deno.test("a member that doesn't read is disconnected with a notice, and the others are notified", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  const [slow, theirs] = memoryPair();
  const visit = attend({ connection: theirs, log: silent }, host);
  await alice.sees("guest-2 has joined");
  await using bob = await Terminal.join(host);
  const line = "x".repeat(4000);
  for (let i = 0; i < 300; i++) await bob.type(line);
  await alice.sees("-- guest-2 has left (too slow)");
  let tail = "";
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await slow.read(buffer); n !== null; n = await slow.read(buffer)) {
    tail = new TextDecoder().decode(buffer.subarray(0, n)).slice(-100);
  }
  await soon(visit, "the end of the visit");
  assert(tail.endsWith("-- you were let go: too much waited for you\n"), tail);
  await alice.type("/who");
  await alice.sees("-- here: guest-1, guest-3");
});

Deno.test("a member that sends /who 3,000 times at once gets every answer", async () => {
  const host = rooms();
  const crowd = await Promise.all(Array.from({ length: 150 }, () => Terminal.join(host)));
  const asker = crowd[0]!;
  await asker.type(Array(3000).fill("/who").join("\n"));
  const answers = () => asker.seen.filter((line) => line.startsWith("-- here: ")).length;
  await until(() => answers() === 3000, "every answer");
  for (const person of crowd) await person[Symbol.asyncDispose]();
});

Deno.test("a queue holds 1 MiB and no more", async () => {
  const sent: number[] = [];
  const gate = Promise.withResolvers<void>();
  const queue = new SendQueue(async (messages) => {
    sent.push(messages.length);
    await gate.promise;
  }, () => {});
  const message = new Uint8Array(1024);
  for (let i = 0; i < QUEUE_LIMIT / 1024; i++) assert(queue.push(message));
  assert(!queue.push(message), "one byte more is refused");
  gate.resolve();
  await soon(queue.drained(5000), "drained");
  assertEquals(sent.reduce((a, b) => a + b), 1024);
  assert(sent.length <= 17, `${sent.length} writes for 1024 messages`);
  assert(queue.push(message));
  await soon(queue.drained(5000), "drained");
});

Deno.test("a queue whose connection breaks takes and sends nothing more", async () => {
  const failures: string[] = [];
  let sends = 0;
  const queue = new SendQueue(() => {
    sends++;
    return Promise.reject(new Error("broken"));
  }, ({ message }) => failures.push(message));
  queue.push(encode("a"));
  await until(() => failures.length === 1, "the failure");
  assert(queue.push(encode("b")));
  await soon(queue.drained(5000), "drained");
  assertEquals([sends, failures], [1, ["broken"]]);
});
