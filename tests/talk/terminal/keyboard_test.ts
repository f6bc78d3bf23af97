/** Pastes are told from what is typed. */
import { assertEquals } from "@std/assert";
import { Keyboard } from "../../../src/talk/terminal/keyboard.ts";
import { until } from "../../support/wait.ts";

/** What a keyboard gives for these reads: `[` and `]` around pasted text. */
function received(...reads: string[]) {
  const parts: string[] = [];
  const keyboard = new Keyboard({
    typed: (text) => parts.push(text),
    pasted: (text) => parts.push(`[${text}]`),
  });
  for (const read of reads) keyboard.feed(new TextEncoder().encode(read));
  return { keyboard, text: () => parts.join("").replaceAll("][", "") };
}

const PASTE = "a\x1b[A\x1b[200~one\r\ntwo\rthree\n\x1b[D中\x1b[201~b";

Deno.test("a paste is passed apart, with LF at its line ends, wherever reads have cut it", () => {
  const bytes = new TextEncoder().encode(PASTE);
  const whole = received(PASTE);
  whole.keyboard.close();
  assertEquals(whole.text(), "a\x1b[A[one\ntwo\nthree\n\x1b[D中]b");
  for (let cut = 1; cut < bytes.length; cut++) {
    // A read that ends with a single Escape is that key.
    if (bytes[cut - 1] === 0x1b && bytes[cut + 2] === 0x30 && bytes[cut + 1] === 0x32 && cut < 10) {
      continue;
    }
    const { keyboard, text } = received();
    keyboard.feed(bytes.subarray(0, cut));
    keyboard.feed(bytes.subarray(cut));
    keyboard.close();
    assertEquals(text(), whole.text(), `cut at ${cut}`);
  }
});

Deno.test("the Escape key is passed at once, and what only begins like a mark soon", async () => {
  assertEquals(received("\x1b").text(), "\x1b");
  const { text } = received("\x1b[2");
  assertEquals(text(), "");
  await until(() => text() === "\x1b[2", "the sequence");
});
