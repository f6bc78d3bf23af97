import { assert, assertEquals } from "@std/assert";
import { deadline } from "../../src/core/deadlines.ts";

/** What has been called when `ms` have passed, with some to spare. */
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms + 20));

Deno.test("a deadline calls once its time is up, and not before", async () => {
  const start = performance.now();
  const took = await new Promise<number>((resolve) =>
    deadline(30, () => resolve(performance.now() - start))
  );
  assert(took >= 30, `${took} ms`);
});

Deno.test("deadlines of different lengths come in the order of their ends", async () => {
  const called: string[] = [];
  deadline(40, () => called.push("40"));
  deadline(20, () => called.push("20"));
  deadline(20, () => called.push("20 again"));
  await after(40);
  assertEquals(called, ["20", "20 again", "40"]);
});

Deno.test("one that begins later than another of its length has its whole time", async () => {
  const called: number[] = [];
  const start = performance.now();
  const tell = () => called.push(performance.now() - start);
  deadline(40, tell);
  await after(0);
  const second = performance.now() - start;
  deadline(40, tell);
  await after(60);
  assertEquals(called.length, 2);
  assert(called[1]! >= second + 40, `${called[1]} ms after ${second} ms`);
});

Deno.test("a deadline that is cancelled never calls, nor keeps others from it", async () => {
  const called: string[] = [];
  const first = deadline(20, () => called.push("first"));
  deadline(20, () => called.push("second"));
  const third = deadline(20, () => called.push("third"));
  first();
  third();
  third();
  await after(20);
  assertEquals(called, ["second"]);
  first();
});

Deno.test("cancelling after the end cancels nobody else's deadline of that length", async () => {
  const called: string[] = [];
  const over = deadline(10, () => called.push("over"));
  await after(10);
  deadline(10, () => called.push("next"));
  over();
  deadline(10, () => called.push("last"));
  await after(10);
  assertEquals(called, ["over", "next", "last"]);
});

Deno.test("a call may set the next deadline", async () => {
  const called: string[] = [];
  deadline(10, () => {
    called.push("one");
    deadline(10, () => called.push("three"));
  });
  deadline(10, () => called.push("two"));
  await after(30);
  assertEquals(called, ["one", "two", "three"]);
});
