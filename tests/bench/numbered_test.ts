/** Messages carry their number, whatever their size. */
import { assertEquals, assertMatch } from "@std/assert";
import { NumberedMessages } from "../../src/bench/numbered.ts";
import { Pattern } from "../../src/bench/pattern.ts";

const pattern = new Pattern(1024);

for (const size of [1, 2, 3, 4, 5, 64, 1024]) {
  Deno.test(`a message of ${size} bytes carries its number`, () => {
    const messages = new NumberedMessages(pattern, size, 3);
    for (const number of [0, 1, 200, 255, 256, 65_536, 2 ** 31, 2 ** 32 + 5]) {
      const bytes = messages.make(number).slice();
      for (const later of [0, 1, 31]) assertEquals(messages.read(bytes, number + later), number);
    }
  });
}

Deno.test("a message with a wrong byte, a wrong length or a number not yet sent is detected", () => {
  const messages = new NumberedMessages(pattern, 64, 0);
  const bytes = messages.make(5).slice();
  assertMatch(`${messages.read(bytes.subarray(1), 5)}`, /a message of 63 bytes came back/);
  assertMatch(`${messages.read(bytes, 4)}`, /never sent/);
  bytes[63]! ^= 0x80;
  assertMatch(`${messages.read(bytes, 5)}`, /message 5 came back with 0x/);
});

Deno.test("messages of two connections differ", () => {
  const bytes = new NumberedMessages(pattern, 64, 7919).make(0).slice();
  assertMatch(`${new NumberedMessages(pattern, 64, 0).read(bytes, 0)}`, /message 0 came back with/);
});
