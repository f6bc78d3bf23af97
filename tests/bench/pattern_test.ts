/** A pattern in which a changed, lost or repeated piece shows. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Pattern } from "../../src/bench/pattern.ts";
import { concat } from "../../src/core/bytes.ts";

const pattern = new Pattern(1024 * 1024);

Deno.test("the pattern is the same wherever it is cut", () => {
  const whole = pattern.at(7, 200_000);
  const parts = [[7, 1], [8, 65_535], [65_543, 70_000], [135_543, 64_464]] as const;
  assertEquals(concat(parts.map(([at, length]) => pattern.at(at, length))), whole);
  assertEquals(pattern.mistake(whole, 7), undefined);
});

Deno.test("one wrong byte is found, with its position", () => {
  const bytes = pattern.at(1000, 5000).slice();
  bytes[1234]! ^= 1;
  assertMatch(pattern.mistake(bytes, 1000)!, /^0x[\da-f]{2} instead of 0x[\da-f]{2} at byte 2234$/);
});

Deno.test("a lost or repeated piece of any usual size shows at once", () => {
  for (const size of [1, 64, 1024, 1448, 4096, 16_384, 65_536, 131_072, 262_144, 1_048_576]) {
    for (const position of [0, 65_521, 1_000_000]) {
      const mistake = pattern.mistake(pattern.at(position + size, 64), position);
      assert(mistake, `${size} bytes after ${position}`);
    }
  }
});
