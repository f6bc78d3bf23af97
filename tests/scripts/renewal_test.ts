/** `deno task bench --renew`. */
import { assertEquals } from "@std/assert";
import type { Experiment } from "../../scripts/bench/experiment.ts";
import type { Result } from "../../scripts/bench/measure.ts";
import { renewed } from "../../scripts/bench/renewal.ts";

function experiment(...names: string[]): Experiment {
  return {
    rows: names.map((name) => ({ name, unit: "/s", better: "more", bars: {} })),
    about: `about ${names}`,
    setUp: () => Promise.resolve([]),
  };
}

function result(name: string, median: number): Result {
  const row = { name, unit: "/s", better: "more", bars: {} } as const;
  return { row, values: { coax: { median, min: median, max: median } }, comparisons: [] };
}

Deno.test("rows that weren't measured again keep their results, in the table's order", () => {
  const [one, two, added] = [experiment("a", "b"), experiment("c"), experiment("new")];
  const measured = new Map([[two, { about: two.about, results: [result("c", 9)] }]]);
  const earlier = [result("c", 1), result("a", 2), result("b", 3), result("gone", 4)];
  assertEquals(
    renewed([one, two, added], measured, earlier).map(({ about, results }) => [
      about,
      results.map(({ row, values }) => [row.name, values.coax!.median]),
    ]),
    [["about a,b", [["a", 2], ["b", 3]]], ["about c", [["c", 9]]]],
  );
});
