import { assertEquals } from "@std/assert";
import { memoryPair } from "../../src/core/memory.ts";
import { tap } from "../../src/wrap/tap.ts";

Deno.test("tap() tells nothing after the close, which it tells once", async () => {
  const told: string[] = [];
  const [end] = memoryPair();
  const watched = tap(end, {
    peerEnded: () => told.push("peerEnded"),
    weEnded: () => told.push("weEnded"),
    closed: () => told.push("closed"),
  });
  const woken = watched.read(new Uint8Array(1));
  watched.close();
  watched.close();
  assertEquals(await woken, null);
  await watched.closeWrite();
  assertEquals(told, ["closed"]);
});
