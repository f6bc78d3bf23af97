/** The chart of benchmarks: every ratio to another program, where it belongs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { drawChart, timesBetter } from "../../scripts/bench/chart.ts";
import type { Result, Spread } from "../../scripts/bench/measure.ts";
import { markdown } from "../../scripts/bench/report.ts";
import { textsOf } from "../ladder/xml.ts";
import { readPage } from "../docs/page.ts";

const spread = (median: number): Spread => ({ median, min: median * 0.8, max: median * 1.25 });

function resultOf(better: "more" | "less", ratios: Record<string, number>): Result {
  const comparisons = Object.entries(ratios).map(([peer, ratio]) => ({
    peer,
    ratio: spread(ratio),
  }));
  return { row: { name: "a < b", unit: "", better, bars: {} }, values: {}, comparisons };
}

/** Left and right of each bar, and whether coax is ahead. */
function barsOf(svg: string): [boolean, number, number][] {
  const bars = svg.matchAll(/class="(ahead|behind)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g);
  return [...bars].map(([, side, x, width]) => {
    return [side === "ahead", Number(x), Number(x) + Number(width)];
  });
}

Deno.test("a bar begins where both are the same, and points to who is ahead", () => {
  const [ahead, behind] = barsOf(drawChart([resultOf("more", { socat: 2, ncat: 0.5 })], 5));
  assertEquals([ahead![0], behind![0]], [true, false]);
  assertEquals(ahead![1].toFixed(1), behind![2].toFixed(1));
  assertEquals((ahead![2] - ahead![1]).toFixed(0), (behind![2] - behind![1]).toFixed(0));
});

Deno.test("where less is better, half of the peer's is twice as good", () => {
  assertEquals(timesBetter({ median: 0.5, min: 0.25, max: 2 }, "less"), {
    median: 2,
    min: 0.5,
    max: 4,
  });
  const [bar] = barsOf(drawChart([resultOf("less", { socat: 0.5 })], 5));
  assertEquals(bar, barsOf(drawChart([resultOf("more", { socat: 2 })], 5))[0]);
});

Deno.test("what is beyond the axis stays in the picture, with its number", () => {
  const svg = drawChart([resultOf("more", { socat: 1e6, haproxy: 1e-6 })], 5);
  for (const [, left, right] of barsOf(svg)) assert(left >= 170 && right <= 690);
  assertMatch(svg, />1000000×</);
});

Deno.test("limits, coax itself and rows without a program aren't shown", () => {
  const others = { "no relay": 0.5, "the limit": 0.9, "itself, 8 connections": 1, socat: 3 };
  const svg = drawChart([resultOf("more", others), resultOf("more", { "the limit": 1 })], 5);
  assertEquals(barsOf(svg).length, 1);
  assertEquals(textsOf(svg).filter(({ text }) => text === "a < b").length, 1);
});

Deno.test("the chart of the page is that of the latest report", () => {
  const { results, runs } = JSON.parse(readPage("docs/benchmarks.json"));
  assertEquals(readPage("docs/pictures/bench.svg"), drawChart(results, runs));
  const machine = { cpu: "", cores: 1, system: "", versions: {} };
  const shown = /!\[.*\]\(pictures\/bench\.svg\)/;
  const [line] = shown.exec(markdown([], machine, runs)) ?? [];
  assertEquals(shown.exec(readPage("docs/benchmarks.md"))?.[0], line);
});

Deno.test("a report says what bounds a row, and which earlier figures can't be compared", () => {
  const machine = { cpu: "", cores: 1, system: "", versions: {} };
  const section = { about: "How.", results: [resultOf("more", { socat: 2 })] };
  const text = markdown([{ ...section, bound: "the copies." }, section], machine, 5);
  assertMatch(text, /^How\. What bounds it: the copies\.$/m);
  assertMatch(text, /^How\.$/m);
  assertMatch(text, /measured differently.*0\.68 × haproxy.*0\.42 to 0\.48/);
});

Deno.test("what couldn't be measured stays in the report, with the reason", () => {
  const machine = { cpu: "", cores: 1, system: "", versions: {} };
  const failure = { name: "relay", failure: "wrk: Socket errors" };
  const text = markdown([{ about: "How.", results: [], failure }], machine, 5);
  assertMatch(text, /^## Relay\n\nNot measured: wrk: Socket errors\n\nHow\.$/m);
});
