import { assert, assertEquals } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError, ResetError } from "../../src/core/errors.ts";
import { prefix, type PrefixOptions, SharedLines } from "../../src/wrap/prefix.ts";
import { encode, Script } from "../support/connections.ts";
import { chop, generator } from "../support/random.ts";
import { soon, until } from "../support/wait.ts";

/** A connection with a label, in front of `inner`. */
function labelled(inner: Duplex, options: Partial<PrefixOptions> = {}): Duplex {
  return prefix(inner, { label: "[p] ", messages: false, lines: new SharedLines(), ...options });
}

/** Every way in which a connection can be over. */
const ENDS: Record<string, (connection: Duplex) => Promise<void> | void> = {
  "closeWrite": (connection) => connection.closeWrite(),
  "close": (connection) => connection.close(),
  "close for a reset": (connection) => connection.close(new ResetError("receive from", "p")),
  "closeWrite, then close": async (connection) => {
    await connection.closeWrite();
    connection.close();
  },
  "two closes": (connection) => {
    connection.close(new BrokenError("send to", "p", "gone"));
    connection.close();
  },
};

Deno.test("every line has its label and none is lost, however the text is cut and the connection ends", async () => {
  const text = "one\n\ntwo three\r\nvier ä";
  const bytes = encode(text);
  for (const [name, finish] of Object.entries(ENDS)) {
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const inner = new Script();
        const connection = labelled(inner);
        const pieces = [[0, first], [first, second], [second, bytes.length]] as const;
        for (const [from, to] of pieces) await connection.write(bytes.slice(from, to));
        await finish(connection);
        const expected = "[p] one\n[p] \n[p] two three\r\n[p] vier ä\n";
        assertEquals(inner.text, expected, `${name}, cut at ${first} and ${second}`);
      }
    }
  }
});

Deno.test("lines of two peers never mix and nothing is lost, in whatever order they send and close", async () => {
  const random = generator(7);
  for (let round = 0; round < 400; round++) {
    const inner = new Script();
    const lines = new SharedLines();
    const peers = ["a", "b"].map((name) => {
      const text = Array.from(
        { length: 1 + random() * 60 },
        () => random() < 0.2 ? "\n" : name,
      ).join("");
      const connection = labelled(inner, { label: `[${name}] `, lines, messages: random() < 0.3 });
      return { name, text, end: connection, pieces: chop(random, encode(text), 5) };
    });
    while (peers.some(({ pieces }) => pieces.length > 0)) {
      const { end: connection, pieces } = peers[random() < 0.5 ? 0 : 1]!;
      const piece = pieces.shift();
      if (piece) await connection.write(piece);
    }
    const ways = Object.values(ENDS);
    for (const { end: connection } of peers) {
      await ways[Math.floor(random() * ways.length)]!(connection);
    }
    checkLines(inner.text, peers);
  }
});

/** Checks that each line is one peer's, and that together they are what the peers sent. */
function checkLines(output: string, peers: { name: string; text: string }[]): void {
  assert(output === "" || output.endsWith("\n"));
  const shown = output.split("\n").slice(0, -1);
  for (const line of shown) assert(/^(\[a\] a*|\[b\] b*)$/.test(line), JSON.stringify(line));
  for (const { name, text } of peers) {
    const peerText = shown.filter((line) => line.startsWith(`[${name}]`)).map((line) =>
      line.slice(4)
    );
    assertEquals(peerText.join(""), text.replaceAll("\n", ""));
  }
}

Deno.test("a piece without a newline is shown after 200 ms, and the rest of its line follows it", async () => {
  const inner = new Script();
  const connection = labelled(inner);
  const before = performance.now();
  await connection.write(encode("log"));
  await connection.write(encode("in: "));
  assertEquals(inner.text, "");
  await until(() => inner.text !== "", "the piece");
  assert(performance.now() - before > 190);
  assertEquals(inner.text, "[p] login: ");
  await connection.write(encode("me\nnext\n"));
  assertEquals(inner.text, "[p] login: me\n[p] next\n");
  await connection.write(encode("open"));
  await until(() => inner.text.endsWith("open"), "the next piece");
  await connection.closeWrite();
  assertEquals([inner.text.slice(-9), inner.writeEnded], ["[p] open\n", true]);
});

Deno.test("a shown piece is finished by the next peer's line, and continues with a label", async () => {
  const inner = new Script();
  const lines = new SharedLines();
  const [a, b] = ["a: ", "b: "].map((label) => labelled(inner, { label, lines }));
  await a!.write(encode("from "));
  await until(() => inner.text !== "", "the piece");
  await b!.write(encode("me\n"));
  await a!.write(encode("you\n"));
  assertEquals(inner.text, "a: from \nb: me\na: you\n");
  for (const connection of [a!, b!]) connection.close();
  assertEquals(inner.text, "a: from \nb: me\na: you\n");
});

Deno.test("a message is shown at once, with a newline, and an empty one is a line", async () => {
  const inner = new Script();
  const connection = labelled(inner, { messages: true });
  for (const message of ["hello", "", "two\nlines", "whole\n"]) {
    await connection.write(encode(message));
  }
  assertEquals(inner.text, "[p] hello\n[p] \n[p] two\n[p] lines\n[p] whole\n");
  await connection.closeWrite();
  assertEquals(inner.text.length, "[p] hello\n[p] \n[p] two\n[p] lines\n[p] whole\n".length);
});

Deno.test("lines come out whole, so that those of several peers don't mix", async () => {
  const inner = new Script();
  const lines = new SharedLines();
  const [a, b] = ["a: ", "b: "].map((label) => labelled(inner, { label, lines }));
  await a!.write(encode("from "));
  await b!.write(encode("me\n"));
  await a!.write(encode("me\n"));
  assertEquals(inner.text, "b: me\na: from me\n");
});

Deno.test("a line without a newline is shown in bounded pieces", async () => {
  const inner = new Script();
  const connection = labelled(inner);
  for (let i = 0; i < 40; i++) await connection.write(new Uint8Array(4096).fill(97));
  assert(inner.written.length >= 2);
  assert(inner.written.every(({ length }) => length <= 64 * 1024 + 4096 + 3));
  await connection.closeWrite();
  assertEquals(inner.text, `[p] ${"a".repeat(40 * 4096)}\n`);
});

Deno.test("a piece that can't be shown closes its connection with the reason", async () => {
  const inner = new Script();
  const failure = new Error("disk full");
  inner.write = () => Promise.reject(failure);
  await labelled(inner).write(encode("piece"));
  await soon(until(() => inner.closes.length > 0, "the close"), "the close");
  assertEquals(inner.closes, [failure]);
});
