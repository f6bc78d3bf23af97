import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Log } from "../../src/core/log.ts";
import { Metrics } from "../../src/relay/metrics.ts";

Deno.test("metrics count connections, bytes, errors, drops, faults and targets", () => {
  const metrics = new Metrics(["a:1", "b:2"]);
  const log = new Log(() => {}, "error").observed((event) => metrics.observe(event));
  const [one, two] = [metrics.connection(), metrics.connection()];
  one.received!(new Uint8Array(5));
  two.sent!(new Uint8Array(7));
  one.closed!();
  log.error("failed", "x", { status: 1 });
  log.error("failed", "x", { status: 5 });
  log.error("failed", "x", { status: 5 });
  log.debug("dropped", "x", { count: 3 });
  log.debug("fault", "x", { kind: "delay" });
  log.debug("target-down", "x", { address: "b:2" });
  const lines = metrics.render().split("\n").filter((line) => !line.startsWith("#"));
  assertEquals(lines, [
    "coax_connections_total 2",
    "coax_connections_active 1",
    "coax_received_bytes_total 5",
    "coax_sent_bytes_total 7",
    'coax_errors_total{kind="broken"} 1',
    'coax_errors_total{kind="timeout"} 2',
    "coax_queue_dropped_total 3",
    'coax_faults_total{kind="delay"} 1',
    'coax_target_up{target="a:1"} 1',
    'coax_target_up{target="b:2"} 0',
    "",
  ]);
});

Deno.test("targets are named without their secrets, each by a name of its own", () => {
  const [one, two, three] = ["one", "two", "three"].map((token) => `ws://h/x?token=${token}&a=1`);
  const metrics = new Metrics([one!, two!, "h:80"]);
  const log = new Log(() => {}, "error").observed((event) => metrics.observe(event));
  log.debug("target-down", "x", { address: two! });
  log.debug("target-down", "x", { address: three! });
  log.debug("target-up", "x", { address: three! });
  assertEquals([...metrics.render().matchAll(/^coax_target_up.*$/gm)].map(([line]) => line), [
    'coax_target_up{target="ws://h/x?token=***&a=1"} 1',
    'coax_target_up{target="ws://h/x?token=***&a=1 (2)"} 0',
    'coax_target_up{target="h:80"} 1',
    'coax_target_up{target="ws://h/x?token=***&a=1 (3)"} 1',
  ]);
});

Deno.test("every metric has a help text, and labels are escaped", () => {
  const metrics = new Metrics(['unix:/a"b\\c\nd']);
  assertStringIncludes(metrics.render(), 'coax_target_up{target="unix:/a\\"b\\\\c\\nd"} 1\n');
  for (const name of metrics.render().matchAll(/^(coax_\w+)/gm)) {
    assertMatch(metrics.render(), new RegExp(`^# HELP ${name[1]} .+\\n# TYPE ${name[1]} `, "m"));
  }
});
