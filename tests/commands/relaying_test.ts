import { assertEquals } from "@std/assert";
import { BrokenError, ResetError } from "../../src/core/errors.ts";
import { withoutReset } from "../../src/commands/relaying.ts";

Deno.test("only a reset is said to look like a plain end to the other peer", () => {
  const error = withoutReset(new ResetError("receive from", "x"));
  assertEquals(
    (error as Error).message,
    "receive from x: reset by peer; the other peer saw a plain end",
  );
  for (const reason of ["the peer has gone (broken pipe)", "the command exited with 3"]) {
    const other = new BrokenError("send to", "x", reason);
    assertEquals(withoutReset(other), other);
  }
});
