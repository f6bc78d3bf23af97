/** Joining a room with a long history: all of it arrives in order, as the newcomer reads. */
import { assert, assertEquals } from "@std/assert";
import type { Channel, Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { History } from "../../src/chat/history.ts";
import { Announcement } from "../../src/chat/protocol/news.ts";
import { QUEUE_LIMIT, SendQueue } from "../../src/chat/queue.ts";
import type { Rooms } from "../../src/chat/rooms.ts";
import { attend, PROTOCOL } from "../../src/chat/visit.ts";
import { Budget } from "../../src/core/budget.ts";
import { decode, encode } from "../support/connections.ts";
import { soon, until } from "../support/wait.ts";
import { channelPair, joinText, rooms, Terminal } from "./people.ts";

/** The history: 3 MB, three times what may wait for a member. */
const PAST = Array.from({ length: 750 }, (_, i) => `past ${i} ${"x".repeat(4000)}`);
const LIVE = Array.from({ length: 50 }, (_, i) => `live ${i}`);

interface Newcomer {
  /** A member that joins and reads nothing until asked to. */
  readonly end: Duplex | Channel;
  /** Reads up to the last live line: the texts sent, and all other lines. */
  read(): Promise<string[]>;
}

function lineMember(host: Rooms): Newcomer {
  const [connection, server] = memoryPair();
  attend({ connection: server, log: silent }, host).catch(() => {});
  return {
    end: connection,
    async read() {
      let text = "";
      const buffer = new Uint8Array(64 * 1024);
      while (!text.includes(LIVE.at(-1)!)) {
        const count = await soon(connection.read(buffer), "a line");
        assert(count !== null, `disconnected: ${text.slice(-100)}`);
        text += decode(buffer.subarray(0, count));
      }
      return text.trimEnd().split("\n");
    },
  };
}

function messenger(host: Rooms, protocol?: string, path = "/"): Newcomer {
  const [connection, server] = slowPair(path, protocol);
  attend({ connection: server, log: silent }, host).catch(() => {});
  return {
    end: connection,
    async read() {
      const lines: string[] = [];
      while (!lines.at(-1)?.includes(LIVE.at(-1)!)) {
        const message = await soon(connection.receive(), "a line");
        assert(message !== null, `disconnected: ${lines.at(-1)}`);
        lines.push(decode(message.data));
      }
      return lines;
    },
  };
}

/** A connection whose sender waits for each message to be received. */
function slowPair(path: string, protocol?: string): [Channel, Channel] {
  const [client, server] = channelPair({ path, protocol });
  let gate = Promise.resolve();
  let taken = () => {};
  const wrapped: Channel = {
    ...server,
    async send(message) {
      const before = gate;
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      await before;
      taken = resolve;
      await server.send(message);
    },
  };
  const reader: Channel = {
    ...client,
    async receive() {
      const message = await client.receive();
      taken();
      return message;
    },
  };
  return [reader, wrapped];
}

/** The text of each line sent, in whichever form. */
function sentLines(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /(?:past|live) \d+( x+)?/.exec(line)?.[0] ?? []);
}

const forms: [name: string, join: (host: Rooms) => Newcomer][] = [
  ["of lines", lineMember],
  ["of text messages", (host) => messenger(host)],
  ["of JSON", (host) => messenger(host, PROTOCOL)],
  ["of JSON in another room", (host) => messenger(host, PROTOCOL, "/r/tea")],
];

for (const [name, join] of forms) {
  Deno.test(`a member ${name} gets 3 MB of history and then the lines sent meanwhile, once and in order`, async () => {
    const host = rooms({ history: 1000 });
    await using alice = name.endsWith("room")
      ? await joinText(host, "/r/tea")
      : await Terminal.join(host);
    for (const line of PAST) await alice.type(line);
    await alice.type("/who");
    await alice.sees("-- here: ");
    const newcomer = join(host);
    await alice.sees("-- guest-2 has joined");
    for (const line of LIVE) await alice.type(line);
    await alice.type("/who\n/who");
    await until(() => alice.seen.filter((line) => line.includes("guest-2")).length >= 3, "answers");

    const lines = await newcomer.read();
    assert(lines[0]!.includes("welcome"), lines[0]);
    assertEquals(sentLines(lines), [...PAST, ...LIVE]);
    newcomer.end.close();
  });
}

Deno.test("a newcomer that never reads is disconnected once 1 MiB of live lines waits, not before", async () => {
  const host = rooms({ history: 1000 });
  await using alice = await Terminal.join(host);
  await using bob = await Terminal.join(host);
  for (const line of PAST) await alice.type(line);
  await bob.sees(PAST.at(-1)!);
  const newcomer = lineMember(host);
  await alice.sees("-- guest-3 has joined");
  for (let i = 0; i < 200; i++) await alice.type("y".repeat(4000)); // 0.8 MB
  await alice.type("/me is here");
  await bob.sees("* guest-1 is here");
  assert(!bob.seen.some((line) => line.includes("too slow")));
  for (let i = 0; i < 100; i++) await alice.type("z".repeat(4000));
  await bob.sees("-- guest-3 has left (too slow)");
  newcomer.end.close();
});

Deno.test("/quit right after joining doesn't cut the history short", async () => {
  const host = rooms({ history: 1000 });
  await using alice = await Terminal.join(host);
  const past = PAST.slice(0, 400);
  for (const line of past) await alice.type(line);
  await alice.type("/who");
  await alice.sees("-- here: ");
  const [connection, server] = memoryPair();
  const visit = attend({ connection: server, log: silent }, host);
  await connection.write(encode("/quit\n"));
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
    text += decode(buffer.subarray(0, n));
  }
  await visit;
  assertEquals(sentLines(text.split("\n")), past);
});

Deno.test("history is formatted as it is sent, and doesn't count towards a queue's limit", async () => {
  const sent: number[] = [];
  const gate = Promise.withResolvers<void>();
  const queue = new SendQueue(async (messages) => {
    sent.push(messages.length);
    await gate.promise;
  }, () => {});
  let made = 0;
  const past = Array(3000).fill(new Uint8Array(4096)).values().map((one) => {
    made++;
    return one as Uint8Array;
  });
  queue.sendFirst(past);
  await until(() => sent.length === 1, "the first batch");
  assert(made < 100, `${made} were made at once`);
  const message = new Uint8Array(1024);
  for (let i = 0; i < QUEUE_LIMIT / 1024; i++) assert(queue.push(message));
  assert(!queue.push(message), "1 MiB, and no more");
  queue.replace(encode("the last"));
  gate.resolve();
  await soon(queue.drained(5000), "drained");
  assert(made < 100 && sent.at(-1) === 1, "what was dropped is neither made nor sent");
});

const line = (text: string, time = 0) =>
  new Announcement({
    type: "say",
    room: "main",
    from: "a",
    text,
    time: new Date(time).toISOString(),
    id: text,
  });
const texts = (history: History) => [...history].map(({ news }) => news.text!);

Deno.test("a history keeps 4 Mi characters, whatever number of lines it is asked for", () => {
  const history = new History(100_000, new Budget(Infinity));
  for (let i = 0; i < 2000; i++) history.add(line(`${i} ${"x".repeat(4000)}`));
  const kept = texts(history).map((text) => parseInt(text));
  assert(kept.length > 1000 && kept.length < 1100, `${kept.length} lines`);
  assertEquals(kept.at(-1), 1999);
  assertEquals(kept, Array.from({ length: kept.length }, (_, i) => 2000 - kept.length + i));
});

Deno.test("all histories together stay within their budget: the longest forgets its older half", () => {
  const budget = new Budget(100_000);
  const [short, long] = [new History(1000, budget), new History(1000, budget)];
  for (let i = 0; i < 10; i++) short.add(line(`${i}${"x".repeat(1000)}`));
  for (let i = 0; i < 500; i++) long.add(line(`${i} ${"x".repeat(1000)}`));
  assertEquals(texts(short).length, 10);
  assert(texts(long).at(-1)!.startsWith("499 ") && texts(long).length > 40);
  assert(budget.sum <= 100_000);
  short.clear();
  long.clear();
  assertEquals(budget.sum, 0);
});

Deno.test("history that arrives later is placed before the lines sent meanwhile", () => {
  const history = new History(100, new Budget(Infinity));
  history.add(line("now", 1000));
  for (let i = 0; i < 5; i++) history.addPast(line(`${i}`, i));
  assertEquals(texts(history), ["0", "1", "2", "3", "4", "now"]);
});
