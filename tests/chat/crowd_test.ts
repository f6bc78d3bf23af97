import { assert, assertEquals } from "@std/assert";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../../src/core/memory.ts";
import { QUEUE_LIMIT, SendQueue } from "../../src/chat/queue.ts";
import { attend } from "../../src/chat/visit.ts";
import { encode } from "../support/ends.ts";
import { soon, until } from "../support/wait.ts";
import { joinJson, joinText, type Messenger, rooms, Terminal } from "./people.ts";

Deno.test("100 members see 100,000 lines in one order, though one of them is stalled", async () => {
  const here = rooms({ history: 0 });
  const [stalled, theirs] = memoryPair();
  const stalledVisit = attend({ end: theirs, log: silent }, here);
  const members: (Terminal | Messenger)[] = [];
  try {
    for (let i = 0; i < 96; i++) members.push(await Terminal.join(here));
    for (let i = 0; i < 3; i++) members.push(await joinJson(here), await joinText(here));
    await until(() => members[0]!.seen.at(-1)!.includes("guest-103"), "everyone's arrival");
    for (const member of members) member.seen.length = 0;

    const speakers = members.slice(0, 100);
    await Promise.all(speakers.map(async (speaker, who) => {
      for (let line = 0; line < 1000; line += 50) {
        const lines = Array.from({ length: 50 }, (_, i) => `${who}:${line + i}`);
        if (speaker instanceof Terminal) await speaker.type(lines.join("\n"));
        else for (const text of lines) await speaker.say(text);
      }
    }));
    const witness = members.find(({ json }) => json)!;
    await until(() => witness.seen.length >= 100_001, "100,000 lines and a leave", 60_000);
    const order = said(witness);
    assertEquals(order.length, 100_000);
    assertEquals(new Set(order).size, 100_000);
    for (const [index, member] of members.entries()) {
      const own = member.json || index >= 100 ? undefined : new RegExp(`^${index}:`);
      const expected = own ? order.filter((text) => !own.test(text)) : order;
      await until(() => said(member).length === expected.length, `all lines at ${index}`);
      assertEquals(said(member).join(), expected.join());
    }
    assert(witness.seen.some((line) => line.includes("too slow")), "the stalled one is let go");
  } finally {
    for (const member of members) await member[Symbol.asyncDispose]();
    stalled.close();
    await stalledVisit.catch(() => {});
  }
});

/** The `WHO:LINE` of each line that was said, in the order in which it was seen. */
function said({ seen }: Terminal | Messenger): string[] {
  return seen.map((line) => /(?:\] |"text":")(\d+:\d+)/.exec(line)?.[1]).filter((t) =>
    t !== undefined
  );
}

Deno.test("a member that doesn't read is let go with a notice, and the others are told", async () => {
  const here = rooms();
  await using alice = await Terminal.join(here);
  const [slow, theirs] = memoryPair();
  const visit = attend({ end: theirs, log: silent }, here);
  await alice.sees("guest-2 has joined");
  await using bob = await Terminal.join(here);
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

Deno.test("a queue takes 1 MiB and no more", async () => {
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
