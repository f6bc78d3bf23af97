import { assertEquals } from "@std/assert";
import { applyMask } from "../../src/ws/mask.ts";
import { below, generator } from "../support/random.ts";
import { randomBytes } from "../support/random.ts";

Deno.test("applyMasking is the same wherever bytes lie and however they were cut", () => {
  const random = generator(3);
  const key = [0x37, 0xfa, 0x21, 0xed];
  const packed = 0xed21fa37;
  for (let run = 0; run < 2000; run++) {
    const plain = randomBytes(below(random, 1000));
    const memory = new Uint8Array(below(random, 9) + plain.length + 8);
    const at = memory.length - plain.length - below(random, 8);
    memory.set(plain.map((byte, i) => byte ^ key[i % 4]!), at);
    const masked = memory.subarray(at, at + plain.length);
    const cut = below(random, plain.length + 1);
    applyMask(masked.subarray(0, cut), packed);
    applyMask(masked.subarray(cut), packed, cut);
    assertEquals(masked, plain);
  }
});
