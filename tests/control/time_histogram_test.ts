import { assert, assertEquals } from "@std/assert";
import { TimeHistogram } from "../../src/control/time_histogram.ts";
import { generator } from "../support/random.ts";

Deno.test("a time comes out as it went in, to 1/64", () => {
  const histogram = new TimeHistogram();
  for (let time = 0; time < 2 ** 31; time = Math.ceil(time * 1.01) + 1) {
    for (const value of [time, time - 1, 2 ** Math.round(Math.log2(time + 1))]) {
      if (value < 0 || value >= 2 ** 31) continue;
      histogram.clear();
      histogram.add(value);
      const shown = histogram.at(50);
      assert(Math.abs(shown - value) <= value / 64, `${value} is shown as ${shown}`);
      assertEquals([histogram.at(0.1), histogram.at(100), histogram.total], [shown, shown, 1]);
    }
  }
});

Deno.test("percentiles are those of the sorted times", () => {
  const random = generator(7);
  const histogram = new TimeHistogram();
  const times = Array.from({ length: 5000 }, () => Math.floor(1e6 * random() ** 8));
  for (const time of times) histogram.add(time);
  times.sort((a, b) => a - b);
  for (const percent of [1, 50, 90, 99, 100]) {
    const exact = times[Math.ceil(times.length * percent / 100) - 1]!;
    const shown = histogram.at(percent);
    assert(Math.abs(shown - exact) <= exact / 64, `${percent}%: ${shown} for ${exact}`);
  }
});

Deno.test("what is out of range counts as the nearest time, and nothing is 0", () => {
  const histogram = new TimeHistogram();
  assertEquals([histogram.total, histogram.at(50)], [0, 0]);
  histogram.add(-5);
  assertEquals(histogram.at(50), 0);
  histogram.add(1e15);
  assert(histogram.at(100) > 2 ** 31 - 2 ** 25);
});
