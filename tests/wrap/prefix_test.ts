import { assert, assertEquals } from "@std/assert";
import { prefix } from "../../src/wrap/prefix.ts";
import { encode, Script } from "../support/ends.ts";
import { chop, generator } from "../support/random.ts";

Deno.test("every line has its label, however the text is cut", async () => {
  const random = generator(4);
  const text = "one\n\ntwo three\r\nvier ä\n";
  for (let i = 0; i < 50; i++) {
    const inner = new Script();
    const end = prefix(inner, "[p] ");
    for (const chunk of chop(random, encode(text), 5)) await end.write(chunk);
    assertEquals(inner.text, "[p] one\n[p] \n[p] two three\r\n[p] vier ä\n");
  }
});

Deno.test("lines come out whole, so that those of several peers don't mix", async () => {
  const inner = new Script();
  const [a, b] = [prefix(inner, "a: "), prefix(inner, "b: ")];
  await a.write(encode("from "));
  await b.write(encode("me\n"));
  await a.write(encode("me\n"));
  assertEquals(inner.text, "b: me\na: from me\n");
});

Deno.test("a last line without a newline gets one at the end", async () => {
  const inner = new Script();
  const end = prefix(inner, "> ");
  await end.write(encode("open"));
  await end.closeWrite();
  assertEquals([inner.text, inner.writeEnded], ["> open\n", true]);
});

Deno.test("a line without an end comes out in bounded pieces", async () => {
  const inner = new Script();
  const end = prefix(inner, "> ");
  for (let i = 0; i < 40; i++) await end.write(new Uint8Array(4096).fill(97));
  assert(inner.written.length >= 2);
  assert(inner.written.every(({ length }) => length <= 64 * 1024 + 4096 + 3));
});
