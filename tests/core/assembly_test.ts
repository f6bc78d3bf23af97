import { assert, assertEquals, assertThrows } from "@std/assert";
import { Assembly } from "../../src/core/assembly.ts";
import { Budget } from "../../src/core/budget.ts";
import { concat } from "../../src/core/bytes.ts";
import { below, generator, randomBytes } from "../support/random.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** Assemblies under one budget; each records whether it was evicted. */
function crowd(limit: number) {
  const budget = new Budget(limit);
  const evictions: number[] = [];
  const join = (number: number) =>
    new Assembly({
      budget,
      evicted() {
        evictions.push(number);
        return new Error(`given up ${number}`);
      },
    });
  return { budget, evictions, join };
}

Deno.test("pieces of any size are put together as they came, a second message too", () => {
  const random = generator(11);
  for (const most of [1, 100, 5000, 300 * KiB, 3 * MiB]) {
    const assembly = new Assembly();
    for (let message = 0; message < 2; message++) {
      const pieces: Uint8Array[] = [];
      for (let sum = 0; sum < Math.min(3 * MiB, most * 2000); sum += pieces.at(-1)!.length) {
        pieces.push(randomBytes(1 + below(random, most)));
        assembly.add(pieces.at(-1)!);
      }
      const whole = concat(pieces);
      assertEquals(assembly.length, whole.length);
      assert(latin1(assembly.take()) === latin1(whole), `pieces of at most ${most} bytes`);
      assertEquals(assembly.length, 0);
    }
  }
});

/** Millions of bytes, compared at once. */
const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

Deno.test("what many small pieces take is no more than twice their bytes", () => {
  const budget = new Budget(Infinity);
  const assembly = new Assembly({ budget, evicted: () => new Error() });
  for (let i = 0; i < 100_000; i++) assembly.add(randomBytes(7));
  assert(budget.sum <= 1_400_000, `${budget.sum}`);
  assembly.take();
  assertEquals(budget.sum, 0);
});

Deno.test("an announced length alone takes no memory", () => {
  const budget = new Budget(Infinity);
  const assembly = new Assembly({ budget, evicted: () => new Error() });
  for (let i = 0; i < 100; i++) {
    const room = assembly.room(1024 * MiB);
    assert(room.length > 0);
    assembly.filled(1);
  }
  assertEquals(budget.sum, 0);
});

Deno.test("over the budget the largest is evicted, whoever grows", () => {
  const { budget, evictions, join } = crowd(8 * MiB);
  const [small, large, growing] = [join(1), join(2), join(3)];
  small.add(new Uint8Array(MiB));
  large.add(new Uint8Array(5 * MiB));
  growing.add(new Uint8Array(4 * MiB));
  assertEquals(evictions, [2]);
  assert(budget.sum <= 8 * MiB);
  assertEquals(small.take().length, MiB);
  assertEquals(growing.take().length, 4 * MiB);
  assertThrows(() => large.add(new Uint8Array(1)), Error, "given up 2");
  assertEquals(budget.sum, 0);
});

Deno.test("one that alone exceeds the budget evicts itself", () => {
  const { budget, evictions, join } = crowd(2 * MiB);
  const assembly = join(1);
  assertThrows(() => assembly.add(new Uint8Array(4 * MiB)), Error, "given up 1");
  assertEquals([evictions, budget.sum], [[1], 0]);
});

Deno.test("bytes for an evicted message are refused", () => {
  const { join } = crowd(4 * MiB);
  const first = join(1);
  first.add(new Uint8Array(3 * MiB));
  const room = first.room(100);
  join(2).add(new Uint8Array(2 * MiB));
  assert(room.length > 0);
  assertThrows(() => first.filled(1), Error, "given up 1");
});

Deno.test("a dropped message counts no more", () => {
  const { budget, evictions, join } = crowd(8 * MiB);
  for (let i = 0; i < 100; i++) {
    const assembly = join(i);
    assembly.add(new Uint8Array(3 * MiB));
    assembly.drop();
  }
  assertEquals([evictions, budget.sum], [[], 0]);
});

Deno.test("one message may be as long as its own limit, though that exceeds the budget", () => {
  const { budget, evictions, join } = crowd(2 * MiB);
  budget.allow(5 * MiB);
  budget.allow(MiB);
  const assembly = join(1);
  assembly.add(new Uint8Array(4 * MiB));
  assertEquals([evictions, assembly.take().length], [[], 4 * MiB]);
});
