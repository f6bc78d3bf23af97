import { assertEquals } from "@std/assert";
import { BrokenError, type CoaxError, ResetError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { LeftError } from "../../src/core/resets.ts";
import { toTell } from "../../src/relay/ends.ts";

const [near] = memoryPair();
const far = { ...memoryPair()[1], showsReset: true };

Deno.test("a reset is said to look like a plain end only where its other peer can't tell", () => {
  const met = new ResetError("receive from", near.peer);
  assertEquals(toTell(met, near, far), met);
  const other = toTell(new ResetError("receive from", far.peer), near, far) as Error;
  const text = "receive from memory:a: reset by peer; the other peer saw a plain end";
  assertEquals(other.message, text);
  const failed = new BrokenError("send to", "x", "the command exited with 3");
  assertEquals(toTell(failed, near, near), failed);
});

Deno.test("a leave is no error of a relay's", () => {
  const left = new LeftError(new ResetError("send to", near.peer));
  const told = toTell(left, near, far) as CoaxError;
  assertEquals([left.status, told.status, told.message], [1, 0, left.message]);
});
