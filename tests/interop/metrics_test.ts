/** `relay --metrics`, as Prometheus' own checker reads it. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, run } from "../e2e/coax.ts";
import { unusedPort } from "../support/ports.ts";
import { available, testWith } from "./peer_program.ts";

const promtool = {
  name: "promtool",
  available: available("promtool", ["--version"], /promtool, version/),
};

testWith(promtool, "promtool finds nothing wrong with the metrics of a relay", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const target = await echo.address();
  const down = `127.0.0.1:${unusedPort()}`;
  const options = ["--metrics", "127.0.0.1:0", "--chop", "2", "--balance", "failover"];
  await using relay = Coax.start(["relay", "127.0.0.1:0", down, target, ...options]);
  assertEquals((await run(["client", await relay.address()], { stdin: "hello" })).out, "hello");
  const [, url] = await relay.logs(/^metrics on (.+)$/m);
  const metrics = await (await fetch(url!)).text();
  assertMatch(metrics, /^coax_faults_total\{kind="chop"\} [1-9]/m);
  assertMatch(metrics, /^coax_target_up\{.*\} 0$/m);
  await using check = Coax.spawn(["promtool", "check", "metrics"], { stdin: metrics });
  const { status, out, stderr } = await check.exit();
  assertEquals([status, out + stderr], [0, ""]);
});
