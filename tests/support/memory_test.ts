import { assert, assertEquals, assertRejects } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { memoryPair } from "./memory.ts";
import { ask, decode, encode, readAll, readExactly } from "./connections.ts";
import { isPending, soon } from "./wait.ts";

Deno.test("what one side writes, the other reads, with EOF after the last byte", async () => {
  const [a, b] = memoryPair();
  const answer = ask(a, "question");
  assertEquals(decode(await readAll(b)), "question");
  await b.write(encode("answer"));
  await b.closeWrite();
  assertEquals(await answer, "answer");
});

Deno.test("a writer waits while its direction is full", async () => {
  const [a, b] = memoryPair(4);
  const writing = a.write(encode("123456"));
  assert(await isPending(writing));
  assertEquals(decode(await readExactly(b, 6)), "123456");
  await soon(writing, "the write");
});

Deno.test("close with a reason drops unread bytes and wakes both sides with it", async () => {
  const [a, b] = memoryPair();
  const reason = new BrokenError("test", "memory", "reset");
  await a.write(encode("lost"));
  const reading = assertRejects(() => readAll(a));
  a.close(reason);
  assertEquals(await soon(reading, "the own read"), reason);
  assertEquals(await assertRejects(() => b.read(new Uint8Array(4))), reason);
  await assertRejects(() => b.write(encode("x")), BrokenError);
  await soon(a.closed, "closed");
});

Deno.test("close without a reason is an EOF, and wakes a waiting writer", async () => {
  const [a, b] = memoryPair(1);
  const writing = assertRejects(() => b.write(encode("too much")), BrokenError);
  a.close();
  await soon(writing, "the writer");
  assertEquals(await readAll(b), new Uint8Array());
});

Deno.test("a second close changes nothing", async () => {
  const [a, b] = memoryPair();
  await a.write(encode("kept"));
  a.close();
  a.close(new Error("too late"));
  assertEquals(decode(await readAll(b)), "kept");
});
