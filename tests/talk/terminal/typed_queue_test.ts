/** What was typed is read a line at a time. */
import { assertEquals, assertRejects } from "@std/assert";
import { TypedQueue } from "../../../src/talk/terminal/typed_queue.ts";
import { encode } from "../../support/connections.ts";
import { isPending } from "../../support/wait.ts";

async function read(queue: TypedQueue, size: number): Promise<string | null> {
  const buffer = new Uint8Array(size);
  const count = await queue.read(buffer);
  return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
}

Deno.test("each read gets one line at most, and a long line in parts; then EOF", async () => {
  const queue = new TypedQueue();
  const first = read(queue, 8);
  queue.push(encode("a line\n"));
  queue.push(encode("\n"));
  queue.push(encode("a longer line\n"));
  assertEquals(await first, "a line\n");
  assertEquals(queue.unread, 2);
  assertEquals(await read(queue, 8), "\n");
  assertEquals(await read(queue, 8), "a longer");
  assertEquals(queue.unread, 1);
  queue.end();
  assertEquals(await read(queue, 8), " line\n");
  assertEquals([await read(queue, 8), queue.unread], [null, 0]);
});

Deno.test("a failure comes after what was typed", async () => {
  const queue = new TypedQueue();
  queue.push(encode("last\n"));
  queue.end(new Error("gone"));
  assertEquals(await read(queue, 8), "last\n");
  await assertRejects(() => read(queue, 8), Error, "gone");
});

Deno.test("a full queue has room again once lines are read", async () => {
  const queue = new TypedQueue();
  await queue.room();
  queue.push(new Uint8Array(300_000));
  const room = queue.room();
  assertEquals(await isPending(room), true);
  await read(queue, 100_000);
  await room;
});
