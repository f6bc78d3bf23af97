import { assertEquals } from "@std/assert";
import { LineSplitter, LONGEST_LINE } from "../../../src/chat/protocol/lines.ts";
import { encode } from "../../support/connections.ts";
import { below, generator } from "../../support/random.ts";

function split(...pieces: string[]) {
  const splitter = new LineSplitter();
  return [...pieces.flatMap((piece) => [...splitter.push(encode(piece))]), ...splitter.finish()];
}
const texts = (...pieces: string[]) => split(...pieces).map(({ text }) => text);

Deno.test("lines end with LF or CR LF, also split between pieces", () => {
  assertEquals(texts("a\nb\r\nc"), ["a", "b", "c"]);
  assertEquals(texts("a\r", "\nb", "\n"), ["a", "b"]);
  assertEquals(texts("", "\n", ""), [""]);
});

Deno.test("lines are the same however they are cut into pieces", () => {
  const text = "one\r\ntwo\n\nthree\rfour\n" + "x".repeat(LONGEST_LINE + 5) + "\nfive";
  const whole = split(text);
  const random = generator(7);
  for (let run = 0; run < 200; run++) {
    const pieces: string[] = [];
    for (let at = 0; at < text.length;) {
      const next = at + 1 + below(random, 1500);
      pieces.push(text.slice(at, next));
      at = next;
    }
    assertEquals(split(...pieces), whole);
  }
});

Deno.test("a line without a line ending takes 4 KiB, however long it gets", () => {
  const splitter = new LineSplitter();
  for (let i = 0; i < 1000; i++) assertEquals([...splitter.push(encode("x".repeat(10_000)))], []);
  const [long, next] = splitter.push(encode("\nnext\n"));
  assertEquals(long, { text: "x".repeat(LONGEST_LINE), cut: true });
  assertEquals(next, { text: "next", cut: false });
});
