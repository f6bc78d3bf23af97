/** Facts of a process are delivered once and in order; a gap that stays open is reported. */
import { assertEquals } from "@std/assert";
import { ProcessTracker } from "../../../src/chat/bus/process_tracker.ts";

/** Delivers facts of one process that arrive in the order of `numbers`. */
function receiving() {
  const delivered: (number | string)[] = [];
  const tracker = new ProcessTracker((count) => delivered.push(`${count} missed`));
  const take = (...numbers: number[]) => {
    for (const number of numbers) tracker.receive("p", number, () => delivered.push(number));
  };
  return { tracker, take, delivered };
}

/** Every order of a few numbers. */
function orders(numbers: number[]): number[][] {
  if (numbers.length < 2) return [numbers];
  return numbers.flatMap((first) =>
    orders(numbers.filter((number) => number !== first)).map((rest) => [first, ...rest])
  );
}

Deno.test("facts that arrive in any order are delivered in theirs", () => {
  for (const order of orders([2, 3, 4, 5, 6])) {
    const { take, delivered } = receiving();
    take(1, ...order);
    assertEquals(delivered, [1, 2, 3, 4, 5, 6], order.join());
  }
});

Deno.test("a fact that arrives twice is delivered once, waiting or not", () => {
  const { take, delivered } = receiving();
  take(1, 1, 3, 3, 2, 2, 3, 4, 1);
  assertEquals(delivered, [1, 2, 3, 4]);
});

Deno.test("what a process sent before its first known fact isn't missed", () => {
  const { take, delivered } = receiving();
  take(7, 8);
  assertEquals(delivered, [7, 8]);
});

Deno.test("a gap that stays open is reported, and the facts behind it are delivered", () => {
  const { tracker, take, delivered } = receiving();
  take(1, 4, 5, 9);
  tracker.closeGaps(60_000);
  assertEquals(delivered, [1]);
  tracker.closeGaps(0);
  assertEquals(delivered, [1, "2 missed", 4, 5, "3 missed", 9]);
  take(2, 6, 10);
  assertEquals(delivered.at(-1), 10);
});

Deno.test("no more than a bounded number of facts wait behind a gap", () => {
  const { take, delivered } = receiving();
  take(1, ...Array.from({ length: 1001 }, (_, index) => index + 3));
  assertEquals(delivered.slice(0, 3), [1, "1 missed", 3]);
  assertEquals(delivered.at(-1), 1003);
});

Deno.test("facts that are skipped aren't missed", () => {
  const { tracker, take, delivered } = receiving();
  take(1);
  tracker.skipTo("p", 5);
  take(5, 3);
  assertEquals(delivered, [1, 5]);
});
