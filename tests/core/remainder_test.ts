import { assertEquals } from "@std/assert";
import { Remainder } from "../../src/core/remainder.ts";

Deno.test("Remainder fills buffer after buffer, and leaves the rest of the last one alone", () => {
  const remainder = new Remainder(Uint8Array.of(1, 2, 3, 4, 5));
  const buffer = new Uint8Array(3);
  assertEquals([remainder.moveTo(buffer), ...buffer], [3, 1, 2, 3]);
  assertEquals(remainder.isEmpty, false);
  assertEquals([remainder.moveTo(buffer), ...buffer], [2, 4, 5, 3]);
  assertEquals(remainder.isEmpty, true);
  assertEquals(remainder.moveTo(buffer), 0);
});

Deno.test("Remainder is empty until it is set, and holds the latest chunk alone", () => {
  const remainder = new Remainder();
  assertEquals(remainder.isEmpty, true);
  remainder.set(Uint8Array.of(1, 2));
  remainder.set(Uint8Array.of(3));
  const buffer = new Uint8Array(2);
  assertEquals([remainder.moveTo(buffer), ...buffer], [1, 3, 0]);
});

Deno.test("Remainder doesn't see its chunk change once it is detached", () => {
  const chunk = Uint8Array.of(1, 2);
  const remainder = new Remainder(chunk);
  remainder.detach();
  chunk.fill(9);
  const buffer = new Uint8Array(2);
  remainder.moveTo(buffer);
  assertEquals([...buffer], [1, 2]);
});
