import { assertEquals } from "@std/assert";
import { Notifier } from "../../src/core/notifier.ts";
import { isPending, soon } from "../support/wait.ts";

Deno.test("Notifier wakes all who wait", async () => {
  const notifier = new Notifier();
  const waits = [notifier.wait(), notifier.wait()];
  assertEquals(await Promise.all(waits.map((wait) => isPending(wait))), [true, true]);
  notifier.notify();
  await Promise.all(waits);
});

Deno.test("Notifier remembers nothing: who waits later is woken by the next one", async () => {
  const notifier = new Notifier();
  notifier.notify();
  const first = notifier.wait();
  assertEquals(await isPending(first), true);
  notifier.notify();
  const second = notifier.wait();
  await first;
  assertEquals(await isPending(second), true);
  notifier.notify();
  await second;
});

Deno.test("a wait with an end tells whether it was notified, and leaves nothing behind", async () => {
  const notifier = new Notifier();
  const late = notifier.waitWithin(1);
  const first = notifier.wait();
  assertEquals(await soon(late, "the end"), false);
  await soon(first, "another waiter, which checks its condition again");
  const inTime = notifier.waitWithin(60_000);
  notifier.notify();
  assertEquals(await soon(inTime, "the notification"), true);
});
