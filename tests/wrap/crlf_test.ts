import { assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { crlf, crlfWrites } from "../../src/wrap/crlf.ts";
import { decode, encode, readAll, Script } from "../support/connections.ts";
import { below, chop, generator, pick } from "../support/random.ts";

Deno.test("LF becomes CRLF and CRLF stays", async () => {
  const cases: Record<string, string> = {
    "": "",
    "plain": "plain",
    "a\nb\n": "a\r\nb\r\n",
    "a\r\nb": "a\r\nb",
    "\n\n": "\r\n\r\n",
    "\r": "\r",
    "\r\r\n\n": "\r\r\n\r\n",
  };
  for (const [from, to] of Object.entries(cases)) {
    assertEquals(decode(await readAll(crlf(new Script([from])))), to);
  }
});

Deno.test("a CRLF that is cut in two stays one", async () => {
  assertEquals(decode(await readAll(crlf(new Script(["a\r", "\nb"])))), "a\r\nb");
});

Deno.test("however it is cut and read, crlf does what a replacement in the whole does", async () => {
  const random = generator(3);
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: below(random, 60) }, () => pick(random, [..."\r\n\nab"]))
      .join("");
    const connection = crlf(new Script(chop(random, encode(text), 1 + below(random, 9))));
    const read = decode(await readAll(connection, 1 + below(random, 9)));
    assertEquals(read, text.replace(/(?<!\r)\n/g, "\r\n"), JSON.stringify(text));
  }
});

Deno.test("however it is cut, crlfWrites does the same to what is written", async () => {
  const random = generator(4);
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: below(random, 60) }, () => pick(random, [..."\r\n\nab"]))
      .join("");
    const inner = new Script();
    const connection = crlfWrites(inner);
    for (const piece of chop(random, encode(text), 1 + below(random, 9))) {
      await connection.write(piece);
    }
    const written = decode(concat(inner.written));
    assertEquals(written, text.replace(/(?<!\r)\n/g, "\r\n"), JSON.stringify(text));
  }
});

Deno.test("written bytes pass unchanged", async () => {
  const inner = new Script();
  await crlf(inner).write(encode("a\nb"));
  assertEquals(decode(concat(inner.written)), "a\nb");
});
