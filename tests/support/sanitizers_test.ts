import { assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { temporary } from "../e2e/coax.ts";

const PRELOAD = "--preload=tests/support/sanitizers.ts";

Deno.test("a test that leaves a file open fails", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/leak_test.ts`;
  await Deno.writeTextFile(file, 'Deno.test("leak", () => void Deno.openSync("leak_test.ts"));');
  const module = new URL("sanitizers.ts", import.meta.url).href;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", `--preload=${module}`, file],
    cwd: temp.path,
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(success, false, said);
  assertStringIncludes(said, "A file was opened during the test, but not closed");
});

Deno.test("every task that runs tests looks for leaks", () => {
  const commands = Object.values(config.tasks).flatMap((task) =>
    "command" in task ? [task.command] : []
  );
  const tests = commands.filter((command) => command.startsWith("deno test"));
  assertEquals(tests.length > 0, true);
  assertEquals(tests.filter((command) => !command.includes(PRELOAD)), []);
});
