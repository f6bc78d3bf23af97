/** The programs in C at the ends of benchmarks: what they report is read, and losses are errors. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { receivedIn, sendBytes } from "../../scripts/bench/ends/bytes.ts";
import { ping, roundTripsOf, servePings } from "../../scripts/bench/ends/ping.ts";
import { answersOf, ask, serveWeb } from "../../scripts/bench/ends/web.ts";
import { freePort, Lab } from "../../scripts/bench/lab.ts";
import { haproxy, nginx, none, socat, through } from "../../scripts/bench/relays.ts";
import { available, testWith } from "../interop/peer_program.ts";

const WRK = `Running 1s test @ http://127.0.0.1:80/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.23ms    1.65ms 149.18ms   86.22%
    Req/Sec     1.34k     0.88k    2.82k    66.67%
  Latency Distribution
     50%  581.00us
     75%   16.61ms
     90%   34.73ms
     99%    1.00s${" "}
  1386 requests in 1.06s, 194.91KB read
Requests/sec:   1309.20
Transfer/sec:    184.11KB
`;

Deno.test("wrk's report is read, in each of its units", () => {
  assertEquals(answersOf(WRK), { rate: 1309.2, p50: 581, p99: 1e6 });
  assertEquals(answersOf(WRK.replace(/1\.00s $/m, "16.61ms")).p99, 16610);
});

Deno.test("an answer that wrk has lost, or didn't like, is an error", () => {
  const lines = [
    "  Socket errors: connect 0, read 1, write 0, timeout 0",
    "  Non-2xx or 3xx responses: 3",
  ];
  for (const line of lines) {
    assertThrows(
      () => answersOf(WRK.replace("Requests/sec", `${line}\nRequests/sec`)),
      Error,
      line.trim(),
    );
  }
  assertThrows(() => answersOf(WRK.replace("1309.20", "0.00")), Error, "not a single answer");
});

Deno.test("sockperf's report is read, and a lost message is an error", () => {
  const report = (dropped: number) =>
    `# dropped messages = ${dropped}; # duplicated messages = 0; # out-of-order messages = 0
sockperf: ---> percentile 99.000 = 1460.150
sockperf: ---> percentile 50.000 =   15.643
`;
  assertEquals(roundTripsOf(report(0)), { p50: 15.643, p99: 1460.15 });
  assertThrows(() => roundTripsOf(report(2)), Error, "2 messages lost");
  assertThrows(() => roundTripsOf("Is the server down?"), Error, "Is the server down?");
});

Deno.test("what iperf3's receiver counts is the rate, and nothing received is an error", () => {
  assertEquals(receivedIn('{"end":{"sum_received":{"bits_per_second":8e9}}}'), 1000);
  assertThrows(() => receivedIn('{"end":{},"error":"busy"}'), Error, "busy");
});

const programs = {
  wrk: available("wrk", ["-v"], /^wrk/),
  nginx: available("nginx", ["-v"], /nginx/),
  iperf3: available("iperf3", ["--version"], /^iperf/),
  sockperf: available("sockperf", ["--version"], /sockperf/),
  haproxy: available("haproxy", ["-v"], /version/),
  socat: available("socat", ["-V"], /socat version/),
};

/** A test that needs several of the programs. */
function testAll(names: (keyof typeof programs)[], name: string, fn: () => Promise<void>): void {
  const missing = names.find((program) => !programs[program]);
  testWith({ name: missing ?? names[0]!, available: missing === undefined }, name, fn);
}

const openLab = () => Lab.open("coax", true);

testAll(
  ["wrk", "nginx", "haproxy"],
  "requests are answered through nginx and haproxy",
  async () => {
    await using lab = await openLab();
    const load = { connections: 4, close: true, seconds: 1 };
    const relays = { nginx, haproxy, none };
    const contenders = await through(lab, relays, await serveWeb(lab), async (port) => {
      const { rate, p50, p99 } = await ask(port, load);
      return [rate, p50, p99];
    });
    for (const { run } of contenders) {
      const [rate, p50, p99] = await run();
      assert(rate! > 1 && p50! > 0 && p99! >= p50!, `${rate} ${p50} ${p99}`);
    }
  },
);

testAll(["wrk"], "a server that answers nobody fails the run", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const conn of listener) conn.close();
  })();
  const load = { connections: 4, close: true, seconds: 1 };
  await assertRejects(() => ask(listener.addr.port, load), Error, "Socket errors");
  listener.close();
  await accepting;
});

testAll(["iperf3", "socat"], "bytes are counted behind a relay, run after run", async () => {
  await using lab = await openLab();
  const target = freePort();
  const load = { connections: 2, seconds: 1 };
  const contenders = await through(lab, { socat: socat(), none }, target, async (port) => [
    await sendBytes(lab, port, target, load),
  ]);
  for (const { run } of [...contenders, ...contenders]) assert((await run())[0]! > 1);
});

testAll(["sockperf", "socat"], "messages come back through a relay", async () => {
  await using lab = await openLab();
  const contenders = await through(lab, { socat: socat() }, await servePings(lab), async (port) => {
    const { p50, p99 } = await ping(port, 1);
    return [p50, p99];
  });
  const [p50, p99] = await contenders[0]!.run();
  assert(p50! > 0 && p99! >= p50!, `${p50} ${p99}`);
});

testAll(["sockperf"], "no echo to talk to fails the run", async () => {
  await assertRejects(() => ping(freePort(), 1), Error, "sockperf");
});

Deno.test("a program that ends before it listens is said, with its own words", async () => {
  await using lab = await openLab();
  const starting = () => lab.start("sh", ["-c", "echo no such option >&2; exit 3"], freePort());
  await assertRejects(starting, Error, "exited with 3 before it listened: no such option");
});
