import { assertEquals } from "@std/assert";
import { ControlMetrics } from "../../src/control/metrics.ts";
import type { Sums } from "../../src/control/side.ts";
import { Log } from "../../src/core/log.ts";

const sums = (received = 0, connections = 0): Sums => ({
  connections,
  active: connections,
  received,
  sent: 2,
  receivedFromTarget: 3,
  sentToTarget: 4,
});

const WEB = { name: "web", listen: "127.0.0.1:1", upstream: "ws://u:p@h/?token=x" };
const DB = { name: 'd"b', listen: "127.0.0.1:2", upstream: "10.0.0.1:5432" };

async function linesOf(metrics: ControlMetrics, proxies = [WEB, DB]): Promise<string[]> {
  const text = await metrics.answer(proxies).text();
  return text.split("\n").filter((line) => line && !line.startsWith("#"));
}

Deno.test("each proxy has coax's metrics and toxiproxy's, under one heading each", async () => {
  const all = new Map([["web", sums(10, 1)], ['d"b', sums(20, 2)]]);
  const metrics = new ControlMetrics(() => all);
  const log = new Log(() => {}, "error").observed((event) => metrics.observe(event));
  const web = log.with({ proxy: "web" });
  web.error("failed", "x", { status: 1 });
  web.debug("fault", "x", { kind: "latency" });
  web.debug("target-down", "x", { address: "h:80" });
  log.with({ proxy: "gone" }).error("failed", "x", { status: 1 });
  log.error("failed", "x", { status: 1 });
  const web1 = 'listener="127.0.0.1:1",proxy="web",upstream="ws://***@h/?token=***"';
  const db1 = 'listener="127.0.0.1:2",proxy="d\\"b",upstream="10.0.0.1:5432"';
  assertEquals(await linesOf(metrics), [
    'coax_connections_total{proxy="web"} 1',
    'coax_connections_total{proxy="d\\"b"} 2',
    'coax_connections_active{proxy="web"} 1',
    'coax_connections_active{proxy="d\\"b"} 2',
    'coax_received_bytes_total{proxy="web"} 10',
    'coax_received_bytes_total{proxy="d\\"b"} 20',
    'coax_sent_bytes_total{proxy="web"} 2',
    'coax_sent_bytes_total{proxy="d\\"b"} 2',
    'coax_errors_total{proxy="web",kind="broken"} 1',
    'coax_queue_dropped_total{proxy="web"} 0',
    'coax_queue_dropped_total{proxy="d\\"b"} 0',
    'coax_faults_total{proxy="web",kind="latency"} 1',
    'coax_target_up{proxy="web",target="h:80"} 0',
    `toxiproxy_proxy_received_bytes_total{direction="upstream",${web1}} 10`,
    `toxiproxy_proxy_received_bytes_total{direction="downstream",${web1}} 3`,
    `toxiproxy_proxy_received_bytes_total{direction="upstream",${db1}} 20`,
    `toxiproxy_proxy_received_bytes_total{direction="downstream",${db1}} 3`,
    `toxiproxy_proxy_sent_bytes_total{direction="upstream",${web1}} 4`,
    `toxiproxy_proxy_sent_bytes_total{direction="downstream",${web1}} 2`,
    `toxiproxy_proxy_sent_bytes_total{direction="upstream",${db1}} 4`,
    `toxiproxy_proxy_sent_bytes_total{direction="downstream",${db1}} 2`,
  ]);
  const text = await metrics.answer([WEB, DB]).text();
  const headings = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  assertEquals(headings.length, new Set(headings).size);
});

Deno.test("a proxy that is made anew under the same name begins anew", async () => {
  const all = new Map([["web", sums(10)]]);
  const metrics = new ControlMetrics(() => all);
  const log = new Log(() => {}, "error").observed((event) => metrics.observe(event));
  const fail = () => log.with({ proxy: "web" }).error("failed", "x", { status: 1 });
  const errors = async () =>
    (await linesOf(metrics)).filter((line) => line.startsWith("coax_errors"));
  fail();
  fail();
  assertEquals(await errors(), ['coax_errors_total{proxy="web",kind="broken"} 2']);
  all.set("web", sums());
  assertEquals(await errors(), []);
  fail();
  assertEquals(await errors(), ['coax_errors_total{proxy="web",kind="broken"} 1']);
});

Deno.test("without a proxy the metrics have their headings", async () => {
  const response = new ControlMetrics(() => new Map()).answer([]);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assertEquals((await response.text()).includes("# TYPE coax_connections_total counter"), true);
});
