/** Lines of the log for a terminal that takes them slowly. */
import { assertEquals, assertMatch } from "@std/assert";
import { ErrorLines } from "../../../src/talk/terminal/error_lines.ts";
import { drainEventLoop } from "../../support/wait.ts";

Deno.test("lines for which there is no room are counted, and missed aloud", async () => {
  const written: string[] = [];
  const letGo = Promise.withResolvers<void>();
  const errors = new ErrorLines(async (lines) => {
    await letGo.promise;
    written.push(...lines);
  });
  const line = "x".repeat(100 * 1024);
  for (let count = 0; count < 10; count++) errors.write(line);
  letGo.resolve();
  await drainEventLoop();
  assertEquals(written.filter((text) => text === line).length, 3);
  assertMatch(written[3]!, /^7 lines of the log are missing here/);
  errors.write("later");
  await drainEventLoop();
  assertEquals(written.at(-1), "later");
});
