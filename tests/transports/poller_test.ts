import { assertThrows } from "@std/assert";
import type { Libc } from "../../src/transports/libc.ts";
import { Poller } from "../../src/transports/poller.ts";

Deno.test("a poller that can't be woken is an error, and waits for nothing", () => {
  const calls: Pick<Libc, "eventfd"> = { eventfd: () => -1 };
  assertThrows(() => new Poller(calls as Libc), Error, "system error");
});
