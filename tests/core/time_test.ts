import { assert, assertEquals, assertRejects } from "@std/assert";
import { pauseBefore, settledWithin, sleep, withTimeout } from "../../src/core/time.ts";
import { isPending, soon } from "../support/wait.ts";

Deno.test("sleep takes its time", async () => {
  const start = performance.now();
  await sleep(20);
  assert(performance.now() - start >= 19);
});

Deno.test("sleep takes as long as it is to, be that more than the runtime's longest timer", async () => {
  const controller = new AbortController();
  for (const ms of [2 ** 31, 2 ** 40, Infinity]) {
    const sleeping = sleep(ms, controller.signal);
    sleeping.catch(() => {});
    assert(await isPending(sleeping), `${ms} ms`);
  }
  controller.abort();
});

Deno.test("sleep rejects with the signal's reason, at once if it has aborted already", async () => {
  const reason = new Error("stop");
  const controller = new AbortController();
  const sleeping = assertRejects(() => sleep(3_600_000, controller.signal));
  controller.abort(reason);
  assertEquals(await soon(sleeping, "the sleep"), reason);
  assertEquals(await assertRejects(() => sleep(0, controller.signal)), reason);
});

Deno.test("withTimeout passes on what work resolves or rejects with", async () => {
  const late = () => new Error("late");
  assertEquals(await withTimeout(Promise.resolve(1), 3_600_000, late), 1);
  assertEquals(await withTimeout(Promise.resolve(2), undefined, late), 2);
  await assertRejects(
    () => withTimeout(Promise.reject(new Error("own")), 3_600_000, late),
    Error,
    "own",
  );
});

Deno.test("withTimeout rejects when time is up, and disposes of a late result", async () => {
  const work = Promise.withResolvers<string>();
  const discarded: string[] = [];
  await assertRejects(
    () => withTimeout(work.promise, 1, () => new Error("late"), (value) => discarded.push(value)),
    Error,
    "late",
  );
  work.resolve("too late");
  await work.promise;
  assertEquals(discarded, ["too late"]);
});

Deno.test("withTimeout keeps a result that came in time, and a late failure is ignored", async () => {
  const discarded: number[] = [];
  await withTimeout(
    Promise.resolve(1),
    1000,
    () => new Error("late"),
    (value) => discarded.push(value),
  );
  assertEquals(discarded, []);
  const work = Promise.withResolvers<void>();
  await assertRejects(() => withTimeout(work.promise, 1, () => new Error("late")), Error, "late");
  work.reject(new Error("nobody cares"));
});

Deno.test("settledWithin resolves with what work does, and with nothing if that fails", async () => {
  assertEquals(await settledWithin(Promise.resolve(1), 3_600_000), 1);
  assertEquals(await settledWithin(Promise.reject(new Error("own")), 3_600_000), undefined);
});

Deno.test("settledWithin resolves when time is up, and a late failure is ignored", async () => {
  const work = Promise.withResolvers<void>();
  assertEquals(await soon(settledWithin(work.promise, 1), "the end of the time"), undefined);
  work.reject(new Error("nobody cares"));
});

Deno.test("retries become rarer, up to half a minute, unless they begin with more", () => {
  for (let i = 0; i < 1000; i++) {
    const pauses = [0, 1, 7, 8, 2000].map((before) => pauseBefore(before, 200));
    const [first, second, eighth, , last] = pauses;
    assert(first! >= 160 && first! <= 240, `${first}`);
    assert(second! >= 320 && second! <= 480, `${second}`);
    assert(eighth! >= 20_000 && last! >= 20_000, `${pauses}`);
    assert(Math.max(...pauses) <= 30_000, `${pauses}`);
    for (const before of [0, 9]) assert(pauseBefore(before, 100_000) >= 80_000);
  }
});
