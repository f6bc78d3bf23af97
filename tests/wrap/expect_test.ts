import { assert, assertEquals, assertMatch } from "@std/assert";
import { expect } from "../../src/wrap/expect.ts";
import { encode, Script } from "../support/connections.ts";
import { Searcher } from "../../src/wrap/search.ts";
import { isPending, soon } from "../support/wait.ts";

/** `expect` for patterns without repetitions, which need no thread. */
function expecting(inner: Script, pattern: RegExp | Uint8Array) {
  return expect(inner, pattern, new Searcher({ slow: () => {}, hasRoom: () => true }));
}

Deno.test("expect finds what is cut in pieces, and passes everything on", async () => {
  const inner = new Script();
  const { connection, matched } = expecting(inner, /b(ä|ö)r/u);
  const bytes = encode("foo bär");
  for (const byte of bytes.subarray(0, -1)) await connection.write(Uint8Array.of(byte));
  assert(await isPending(matched));
  await connection.write(bytes.subarray(-1));
  await soon(matched, "the match");
  assertEquals(inner.text, "foo bär");
});

Deno.test("expect finds bytes wherever the input is cut", async () => {
  const pattern = Uint8Array.of(0, 0xff, 0, 0xfe);
  const text = Uint8Array.of(1, 0, 0xff, 0, 0xff, 0, 0xfe, 2);
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      const inner = new Script();
      const { connection, matched } = expecting(inner, pattern);
      const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
      for (const piece of pieces) await connection.write(piece);
      await soon(matched, `cut at ${first} and ${second}`);
    }
  }
  for (const length of [1, 2, 7]) {
    const { connection, matched } = expecting(new Script(), pattern);
    const near = Uint8Array.of(0, 0xff, 0, 0xff, 0, 0xfd, 0, 0xff, 0);
    for (let at = 0; at < near.length; at += length) {
      await connection.write(near.slice(at, at + length));
    }
    assert(await isPending(matched), `pieces of ${length}`);
  }
});

Deno.test("expect finds a single byte, and one after megabytes of others", async () => {
  const { connection, matched } = expecting(new Script(), Uint8Array.of(7));
  for (let i = 0; i < 5; i++) await connection.write(new Uint8Array(2 ** 20));
  assert(await isPending(matched));
  await connection.write(Uint8Array.of(0, 7));
  await soon(matched, "the match");
});

Deno.test("expect sees a match only once the text has been taken", async () => {
  const inner = new Script();
  const taken = Promise.withResolvers<void>();
  inner.write = () => taken.promise;
  const { connection, matched } = expecting(inner, /x/);
  const writing = connection.write(encode("x"));
  assert(await isPending(matched));
  taken.resolve();
  await soon(Promise.all([writing, matched]), "the match");
});

Deno.test("expect matches ^ only at the beginning of a line, however much came before", async () => {
  const { connection, matched } = expecting(new Script(), /^x/m);
  for (let i = 0; i < 5; i++) {
    await connection.write(new Uint8Array(100_000).fill(120).fill(97, 0, 1));
  }
  assert(await isPending(matched));
  await connection.write(encode("\nx"));
  await soon(matched, "the match");
});

Deno.test("expect finds a match after much other text", async () => {
  const { connection, matched } = expecting(new Script(), /needle$/);
  const hay = new Uint8Array(50_000).fill(46);
  for (let i = 0; i < 10; i++) await connection.write(hay);
  await connection.write(encode("nee"));
  await connection.write(encode("dle"));
  await soon(matched, "the match");
});

Deno.test("expect tells that a match may have been too long, once there was as much text", async () => {
  using searcher = new Searcher({ slow: () => {}, hasRoom: () => true });
  const expected = expect(new Script(), /start.*end/, searcher);
  const short = new Uint8Array(50_000).fill(46);
  for (const bytes of [encode("start"), short]) await expected.connection.write(bytes);
  assertEquals(expected.caveat, "");
  for (const bytes of [short, short, encode("end")]) await expected.connection.write(bytes);
  assert(await isPending(expected.matched));
  assertMatch(expected.caveat, /more than 64 KiB/);
});
