import { assertEquals } from "@std/assert";
import { BrokenError, type CoaxError, ResetError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { PeerLeftError } from "../../src/core/resets.ts";
import { reportable } from "../../src/relay/connections.ts";

const [client] = memoryPair();
const far = { ...memoryPair()[1], showsReset: true };

Deno.test("a reset is said to look like a plain end only where its other peer can't tell", () => {
  const met = new ResetError("receive from", client.peer);
  assertEquals(reportable(met, client, far), met);
  const other = reportable(new ResetError("receive from", far.peer), client, far) as Error;
  const text = "receive from memory:a: reset by peer; the other peer saw a plain end";
  assertEquals(other.message, text);
  const failed = new BrokenError("send to", "x", "the command exited with 3");
  assertEquals(reportable(failed, client, client), failed);
});

Deno.test("a leave is no error of a relay's", () => {
  const left = new PeerLeftError(new ResetError("send to", client.peer));
  const told = reportable(left, client, far) as CoaxError;
  assertEquals([left.status, told.status, told.message], [1, 0, left.message]);
});
