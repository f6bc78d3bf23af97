/** Coming into a room with a long past: all of it, in order, as the newcomer reads. */
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

/** What is said first: 3 MB, three times what may wait for a member. */
const PAST = Array.from({ length: 750 }, (_, i) => `past ${i} ${"x".repeat(4000)}`);
const LIVE = Array.from({ length: 50 }, (_, i) => `live ${i}`);

interface Newcomer {
  /** Comes in, and reads nothing. */
  readonly end: Duplex | Channel;
  /** Reads up to the last live line: what was said, and what else there was. */
  read(): Promise<string[]>;
}

function lineMember(here: Rooms): Newcomer {
  const [connection, theirs] = memoryPair();
  attend({ connection: theirs, log: silent }, here).catch(() => {});
  return {
    end: connection,
    async read() {
      let text = "";
      const buffer = new Uint8Array(64 * 1024);
      while (!text.includes(LIVE.at(-1)!)) {
        const count = await soon(connection.read(buffer), "a line");
        assert(count !== null, `let go: ${text.slice(-100)}`);
        text += decode(buffer.subarray(0, count));
      }
      return text.trimEnd().split("\n");
    },
  };
}

function messenger(here: Rooms, protocol?: string, path = "/"): Newcomer {
  const [connection, theirs] = slowPair(path, protocol);
  attend({ connection: theirs, log: silent }, here).catch(() => {});
  return {
    end: connection,
    async read() {
      const lines: string[] = [];
      while (!lines.at(-1)?.includes(LIVE.at(-1)!)) {
        const message = await soon(connection.receive(), "a line");
        assert(message !== null, `let go: ${lines.at(-1)}`);
        lines.push(decode(message.data));
      }
      return lines;
    },
  };
}

/** A connection whose sender waits for each message to be received. */
function slowPair(path: string, protocol?: string): [Channel, Channel] {
  const [ours, theirs] = channelPair({ path, protocol });
  let gate = Promise.resolve();
  let taken = () => {};
  const wrapped: Channel = {
    ...theirs,
    async send(message) {
      const before = gate;
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      await before;
      taken = resolve;
      await theirs.send(message);
    },
  };
  const reader: Channel = {
    ...ours,
    async receive() {
      const message = await ours.receive();
      taken();
      return message;
    },
  };
  return [reader, wrapped];
}

/** The text of each line that was said, whichever form it has. */
function said(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /(?:past|live) \d+( x+)?/.exec(line)?.[0] ?? []);
}

const forms: [name: string, join: (here: Rooms) => Newcomer][] = [
  ["of lines", lineMember],
  ["of text messages", (here) => messenger(here)],
  ["of JSON", (here) => messenger(here, PROTOCOL)],
  ["of JSON in another room", (here) => messenger(here, PROTOCOL, "/r/tea")],
];

for (const [name, join] of forms) {
  Deno.test(`a member ${name} gets 3 MB of history and then what is said meanwhile, once and in order`, async () => {
    const here = rooms({ history: 1000 });
    await using alice = name.endsWith("room")
      ? await joinText(here, "/r/tea")
      : await Terminal.join(here);
    for (const line of PAST) await alice.type(line);
    await alice.type("/who");
    await alice.sees("-- here: ");
    const newcomer = join(here);
    await alice.sees("-- guest-2 has joined");
    for (const line of LIVE) await alice.type(line);
    await alice.type("/who\n/who");
    await until(() => alice.seen.filter((line) => line.includes("guest-2")).length >= 3, "answers");

    const lines = await newcomer.read();
    assert(lines[0]!.includes("welcome"), lines[0]);
    assertEquals(said(lines), [...PAST, ...LIVE]);
    newcomer.end.close();
  });
}

Deno.test("a newcomer that never reads is let go once 1 MiB of live lines waits, not before", async () => {
  const here = rooms({ history: 1000 });
  await using alice = await Terminal.join(here);
  await using bob = await Terminal.join(here);
  for (const line of PAST) await alice.type(line);
  await bob.sees(PAST.at(-1)!);
  const newcomer = lineMember(here);
  await alice.sees("-- guest-3 has joined");
  for (let i = 0; i < 200; i++) await alice.type("y".repeat(4000)); // 0.8 MB
  await alice.type("/me is here");
  await bob.sees("* guest-1 is here");
  assert(!bob.seen.some((line) => line.includes("too slow")));
  for (let i = 0; i < 100; i++) await alice.type("z".repeat(4000));
  await bob.sees("-- guest-3 has left (too slow)");
  newcomer.end.close();
});

Deno.test("/quit right after coming in doesn't cut the history short", async () => {
  const here = rooms({ history: 1000 });
  await using alice = await Terminal.join(here);
  const past = PAST.slice(0, 400);
  for (const line of past) await alice.type(line);
  await alice.type("/who");
  await alice.sees("-- here: ");
  const [connection, theirs] = memoryPair();
  const visit = attend({ connection: theirs, log: silent }, here);
  await connection.write(encode("/quit\n"));
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
    text += decode(buffer.subarray(0, n));
  }
  await visit;
  assertEquals(said(text.split("\n")), past);
});

Deno.test("the past is made as it is sent, and waits beside what a queue takes", async () => {
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
  queue.begin(past);
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

Deno.test("past lines that are learned later stand before what was said meanwhile", () => {
  const history = new History(100, new Budget(Infinity));
  history.add(line("now", 1000));
  for (let i = 0; i < 5; i++) history.addPast(line(`${i}`, i));
  assertEquals(texts(history), ["0", "1", "2", "3", "4", "now"]);
});
