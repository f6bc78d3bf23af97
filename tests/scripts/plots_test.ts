/** How plots are drawn: everything measured is inside, and text stays text. */
import { assert, assertEquals } from "@std/assert";
import type { Figure } from "../../scripts/plots/figure.ts";
import { median, quantile } from "../../scripts/plots/figure.ts";
import { draw } from "../../scripts/plots/svg.ts";

const FIGURE: Figure = {
  name: "a",
  title: "a < b & c",
  measured: "",
  x: { label: "s", to: 1, ticks: [0, 1] },
  y: { label: "kB", to: 10, ticks: [0, 10] },
  marks: [],
};

/** The places of dots, in the document's units. */
function dotsOf(figure: Figure): number[][] {
  const [, path = ""] = /class="dots s0" d="([^"]*)"/.exec(draw(figure)) ?? [];
  return [...path.matchAll(/M(\S+) ([\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

Deno.test("a plot's axes reach as far as what was measured", () => {
  const points = [[0, 0], [1, 10], [2, 40]] as const;
  const dots = dotsOf({ ...FIGURE, marks: [{ kind: "dots", series: 0, points }] });
  assertEquals(dots, [[64, 190], [341, 158], [618, 62]]);
});

Deno.test("rows are below one another, and a bar's width has to fit", () => {
  const points = [[0, 0], [1, 1]] as const;
  const rows = { ...FIGURE, y: { rows: ["one", "two"] } };
  const dots = dotsOf({ ...rows, marks: [{ kind: "dots", series: 0, points }] });
  assertEquals(dots, [[148, 71], [618, 97]]);
  const bars = { kind: "bars", series: 0, width: 1, points: [[1, 10]] } as const;
  assert(draw({ ...FIGURE, marks: [bars] }).includes('d="M341.5 190V62H617.5V190Z"'));
});

Deno.test("a plot's text is escaped", () => {
  assert(draw(FIGURE).includes("<title>a &lt; b &amp; c</title>"));
});

Deno.test("a quantile is a value that was measured", () => {
  assertEquals([quantile([3, 1, 2, 4], 0), median([3, 1, 2, 4]), quantile([3, 1, 2, 4], 1)], [
    1,
    3,
    4,
  ]);
});
