/** Typed bytes survive as text, whether they are UTF-8 or not. */
import { assertEquals } from "@std/assert";
import { bytesOfTyped, typedTextDecoder, visible } from "../../../src/talk/terminal/typed_text.ts";

Deno.test("typed bytes are the same again, wherever reads have cut them", () => {
  const bytes = Uint8Array.of(0x61, 0xe9, 0x20, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xe4, 0xb8, 0xad, 10);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = typedTextDecoder();
    const text = decoder.write(bytes.subarray(0, cut)) + decoder.write(bytes.subarray(cut));
    assertEquals(text, "a\udce9 \udcff😀中\n");
    assertEquals(bytesOfTyped(text), bytes);
    assertEquals(visible(text), "a\\xe9 \\xff😀中\n");
  }
});

Deno.test("every byte survives", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const decoder = typedTextDecoder();
  assertEquals(bytesOfTyped(decoder.write(bytes) + decoder.finish()), bytes);
});
