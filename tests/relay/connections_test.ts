import { assertEquals } from "@std/assert";
import { type CoaxError, CommandError, ResetError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { PeerLeftError } from "../../src/core/resets.ts";
import { reportable } from "../../src/relay/connections.ts";

const [client] = memoryPair();
const target = { ...memoryPair()[1], showsReset: true };

Deno.test("a reset is reported to look like a FIN only where its other peer can't tell", () => {
  const reset = new ResetError("receive from", client.peer);
  assertEquals(reportable(reset, client, target), reset);
  const other = reportable(new ResetError("receive from", target.peer), client, target) as Error;
  const text = "receive from memory:a: reset by peer; the other peer saw a plain end";
  assertEquals(other.message, text);
  const failed = new CommandError("run", "x", "the command exited with 3");
  assertEquals(reportable(failed, client, client), failed);
});

Deno.test("a reset after all was delivered is no error of a relay", () => {
  const left = new PeerLeftError(new ResetError("send to", client.peer));
  const reported = reportable(left, client, target) as CoaxError;
  assertEquals([left.status, reported.status, reported.message], [1, 0, left.message]);
});
