import { assertEquals, assertRejects } from "@std/assert";
import { runtimeFromNpm } from "../../scripts/compile.ts";
import { PINNED } from "../../scripts/deno_versions.ts";

Deno.test("npm's runtime is refused to another compiler than the pinned one, in one line", async () => {
  const [major] = PINNED.split(".");
  const other = `${major}.999.0`;
  const compiling = () => runtimeFromNpm("x86_64-unknown-linux-gnu", other);
  const { message } = await assertRejects(compiling, Error, `the runtime of Deno ${other}`);
  assertEquals(message.split("\n").length, 1);
});
