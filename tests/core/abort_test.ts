import { assertEquals, assertRejects } from "@std/assert";
import { onAbort, orAbort } from "../../src/core/abort.ts";
import { soon } from "../support/wait.ts";

Deno.test("onAbort acts once, when the signal aborts or at once if it has", () => {
  const controller = new AbortController();
  const acts: string[] = [];
  using _early = onAbort(controller.signal, () => acts.push("early"));
  assertEquals(acts, []);
  controller.abort();
  assertEquals(acts, ["early"]);
  using _late = onAbort(controller.signal, () => acts.push("late"));
  assertEquals(acts, ["early", "late"]);
});

Deno.test("onAbort does nothing after its scope, nor without a signal", () => {
  const controller = new AbortController();
  const acts: string[] = [];
  {
    using _ = onAbort(controller.signal, () => acts.push("over"));
    using _none = onAbort(undefined, () => acts.push("none"));
  }
  controller.abort();
  assertEquals(acts, []);
});

Deno.test("before rejects when the signal aborts first, and leaves no listener behind", async () => {
  const late = () => new Error("late");
  const controller = new AbortController();
  const { signal } = controller;
  assertEquals(await orAbort(signal, Promise.resolve(1), late), 1);
  const own = Promise.reject(new Error("own"));
  await assertRejects(() => orAbort(signal, own, late), Error, "own");
  const waiting = assertRejects(() => orAbort(signal, new Promise(() => {}), late), Error, "late");
  controller.abort();
  await soon(waiting, "the rejection");
  await assertRejects(() => orAbort(signal, Promise.resolve(2), late), Error, "late");
});
