import { assertEquals, assertRejects } from "@std/assert";
import { BoundedQueue } from "../../src/core/queue.ts";
import { isPending } from "../support/wait.ts";

Deno.test("Queue yields items in order, and waits for one", async () => {
  const queue = new BoundedQueue<string>({ count: 9 });
  const first = queue.next();
  assertEquals(await isPending(first), true);
  for (const item of ["a", "b", "c"]) queue.push(item);
  assertEquals([await first, await queue.next(), await queue.next()], ["a", "b", "c"]);
});

Deno.test("Queue refuses an item over its count or its size, until there is space", async () => {
  const queue = new BoundedQueue<string>({ count: 3, size: 10, sizeOf: (item) => item.length });
  assertEquals(["12345", "67890", "1", "", ""].map((item) => queue.push(item)), [
    ...[true, true, false, true, false],
  ]);
  await queue.next();
  assertEquals(queue.push("123456"), false);
  assertEquals(queue.push("12345"), true);
});

Deno.test("closing a Queue wakes its readers, and returns the items that nobody took", async () => {
  const waited = new BoundedQueue<string>({ count: 9 });
  const next = waited.next();
  assertEquals(waited.close(), []);
  assertEquals([await next, await waited.next(), waited.push("late")], [null, null, false]);

  const full = new BoundedQueue<string>({ count: 9 });
  full.push("a");
  full.push("b");
  assertEquals(full.close(new Error("why")), ["a", "b"]);
  await assertRejects(() => full.next(), Error, "why");

  const failed = new BoundedQueue<string>({ count: 9 });
  const failing = failed.next();
  failed.close(new Error("why"));
  await assertRejects(() => failing, Error, "why");
});
