/** Facts of a process are heard once, in their order, and a gap is told of when it stays one. */
import { assertEquals } from "@std/assert";
import { Heard } from "../../../src/chat/bus/heard.ts";

/** What is heard of one process whose facts come in the order of `numbers`. */
function hearing() {
  const said: (number | string)[] = [];
  const heard = new Heard((count) => said.push(`${count} missed`));
  const take = (...numbers: number[]) => {
    for (const number of numbers) heard.take("p", number, () => said.push(number));
  };
  return { heard, take, said };
}

/** Every order of a few numbers. */
function orders(numbers: number[]): number[][] {
  if (numbers.length < 2) return [numbers];
  return numbers.flatMap((first) =>
    orders(numbers.filter((number) => number !== first)).map((rest) => [first, ...rest])
  );
}

Deno.test("facts that come in any order are heard in theirs", () => {
  for (const order of orders([2, 3, 4, 5, 6])) {
    const { take, said } = hearing();
    take(1, ...order);
    assertEquals(said, [1, 2, 3, 4, 5, 6], order.join());
  }
});

Deno.test("a fact that comes twice is heard once, waiting or not", () => {
  const { take, said } = hearing();
  take(1, 1, 3, 3, 2, 2, 3, 4, 1);
  assertEquals(said, [1, 2, 3, 4]);
});

Deno.test("what a process said before its first fact isn't missed", () => {
  const { take, said } = hearing();
  take(7, 8);
  assertEquals(said, [7, 8]);
});

Deno.test("a gap that stays open is told of, and what waits behind it is heard", () => {
  const { heard, take, said } = hearing();
  take(1, 4, 5, 9);
  heard.giveUp(60_000);
  assertEquals(said, [1]);
  heard.giveUp(0);
  assertEquals(said, [1, "2 missed", 4, 5, "3 missed", 9]);
  take(2, 6, 10);
  assertEquals(said.at(-1), 10);
});

Deno.test("no more than a bounded number of facts wait behind a gap", () => {
  const { take, said } = hearing();
  take(1, ...Array.from({ length: 1001 }, (_, index) => index + 3));
  assertEquals(said.slice(0, 3), [1, "1 missed", 3]);
  assertEquals(said.at(-1), 1003);
});

Deno.test("what is passed over isn't missed", () => {
  const { heard, take, said } = hearing();
  take(1);
  heard.passOver("p", 5);
  take(5, 3);
  assertEquals(said, [1, 5]);
});
