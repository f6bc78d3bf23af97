import { assertEquals, assertRejects } from "@std/assert";
import { closeSync, constants, openSync } from "node:fs";
import { Sink } from "../../src/record/sink.ts";
import { temporary } from "../e2e/coax.ts";

Deno.test({
  name: "a sink that finishes fails once when its reader leaves meanwhile",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using temp = await temporary();
    const path = `${temp.path}/fifo`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const failures: Error[] = [];
    const sink = new Sink(path, true, (error) => failures.push(error));
    sink.write(new Uint8Array(1024 * 1024)); // More than a pipe takes.
    const finished = sink.finish();
    closeSync(reader);
    await assertRejects(() => finished, Error, "Broken pipe");
    assertEquals(failures, []);
  },
});
