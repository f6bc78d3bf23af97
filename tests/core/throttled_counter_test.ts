import { assertEquals } from "@std/assert";
import { ThrottledCounter } from "../../src/core/throttled_counter.ts";
import { until } from "../support/wait.ts";

Deno.test("ThrottledCounter reports the first at once, and the others together a second later", async () => {
  const reports: number[] = [];
  const counter = new ThrottledCounter((count) => reports.push(count));
  const start = performance.now();
  for (let i = 0; i < 5; i++) counter.add();
  assertEquals(reports, [1]);
  await until(() => reports.length > 1, "the second report");
  assertEquals(reports, [1, 4]);
  assertEquals(performance.now() - start >= 990, true);
  counter.add();
  counter.add();
  assertEquals(reports, [1, 4]); // Its second is not over yet.
  counter.close();
  assertEquals(reports, [1, 4, 2]);
  counter.close();
  assertEquals(reports, [1, 4, 2]);
});
