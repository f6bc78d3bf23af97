/** How results are shown. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { chart } from "../../src/bench/chart.ts";
import { Histogram } from "../../src/bench/histogram.ts";
import type { Result } from "../../src/bench/measure.ts";
import { progressOf } from "../../src/bench/progress.ts";
import { summary, summaryJson } from "../../src/bench/summary.ts";
import { SETTINGS } from "./echoes.ts";

function histogramOf(nanoseconds: readonly number[]): Histogram {
  const histogram = new Histogram(1, 3_600e9, 3);
  for (const value of nanoseconds) histogram.recordValue(value);
  return histogram;
}

/** 1 µs to 1 ms evenly, and one of 5 s. */
const latencies = histogramOf([...Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000), 5e9]);
const losses = undefined;
const RESULTS: Result[] = [
  { mode: "stream", bytes: 3e9, seconds: 2, losses },
  { mode: "rtt", histogram: latencies, losses },
  { mode: "connect", count: 3001, seconds: 2, losses },
];

Deno.test("the object has each mode that ran, with its numbers", () => {
  const { rtt, ...others } = summaryJson(RESULTS) as Record<string, Record<string, number>>;
  assertEquals(others, {
    stream: { bytes_per_second: 1.5e9 },
    connect: { per_second: 1500.5 },
  });
  assertEquals(Object.keys(rtt!), ["p50", "p90", "p99", "p99.9", "max"]);
  for (const [name, expected] of Object.entries({ p50: 501, p90: 901, p99: 991, max: 5e6 })) {
    assert(Math.abs(rtt![name]! / expected - 1) < 0.001, `${name} is ${rtt![name]}`);
  }
  assertEquals(Object.keys(summaryJson(RESULTS.slice(0, 1))), ["stream"]);
});

Deno.test("no percentile is over the largest duration", () => {
  const { rtt } = summaryJson([{ mode: "rtt", histogram: histogramOf([1_476_500]), losses }]);
  assertEquals([...new Set(Object.values(rtt!))], [1476.5]);
});

Deno.test("each mode's lines have its numbers", () => {
  const [stream, rtt, connect] = RESULTS.map((result) => summary(result, SETTINGS, 80).join("\n"));
  assertMatch(stream!, /^stream +1\.5 GB\/s\n.*3 GB came back in 2\.00 s over 1 connection$/);
  assertMatch(rtt!, /^rtt +p50 501 .*p99\.9 1,00\d .*max 5,00\d,\d+ +µs\n.*1,001 exchanges/);
  assertMatch(connect!, /^connect +1,501 connections\/s\n/);
});

Deno.test("lost datagrams are shown beside the numbers", () => {
  const lossy: Result = { ...RESULTS[0]!, losses: { sent: 100, lost: 2, duplicates: 1 } };
  assertMatch(summary(lossy, SETTINGS, 80).at(-1)!, /of 100 datagrams, 2 lost and 1 back twice/);
});

Deno.test("the histogram has every sample and fits its width", () => {
  for (const width of [40, 80, 200]) {
    const lines = chart(latencies, width);
    const counts = lines.map((line) => Number(/µs +([\d,]+)/.exec(line)![1]!.replace(",", "")));
    assertEquals(counts.reduce((sum, count) => sum + count), 1001);
    assertEquals(Math.max(...lines.map((line) => line.length)), width);
    assertEquals(counts.at(-1), 1);
  }
});

Deno.test("a histogram of one duration is one full row, one of nothing is empty", () => {
  const [row, ...others] = chart(histogramOf([25_000, 25_000]), 40);
  assertMatch(row!, /^<= 25\.0 µs +2 +#+$/);
  assertEquals(others, []);
  assertEquals(chart(histogramOf([]), 40), []);
});

Deno.test("progress shows time and the rate since the last update", () => {
  const meter = { count: 0 };
  const look = progressOf("stream", meter, 5000);
  const tick = (time = performance.now()) => {
    while (performance.now() === time);
  };
  tick();
  meter.count = 1e12;
  assertMatch(look(), /^stream {2}0\.\d of 5 s {2}[\d.]+ [TPE]B\/s$/);
  tick();
  assertMatch(look(), /^stream {2}0\.\d of 5 s {2}0 B\/s$/);
});
