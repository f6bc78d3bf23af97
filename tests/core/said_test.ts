import { assert, assertEquals } from "@std/assert";
import { beginsWithTls, whatItSaid } from "../../src/core/said.ts";
import { encode } from "../support/connections.ts";

Deno.test("what a peer said is its first line, escaped and cut", () => {
  for (
    const [text, said] of [
      ["SSH-2.0-OpenSSH_9.2p1\r\n", 'it said "SSH-2.0-OpenSSH_9.2p1"'],
      ["\r\n* OK IMAP\r\nmore", 'it said "* OK IMAP"'],
      ["\x1b[31mred\x07\u202e", 'it said "\\x1b[31mred\\x07\\u{202e}"'],
      ["x".repeat(1000), `it said "${"x".repeat(60)}…"`],
      ["\x16\x03\x01\x02\x00", "it sent back what we had sent"],
      ["", 'it said ""'],
    ] as const
  ) assertEquals(whatItSaid(encode(text)), said);
});

Deno.test("a record of TLS is known by its type and version", () => {
  for (const type of [20, 21, 22, 23]) assert(beginsWithTls(Uint8Array.of(type, 3, 1)));
  for (const bytes of [[], [22], [19, 3], [24, 3], [22, 2], [0x47, 0x45]]) {
    assert(!beginsWithTls(Uint8Array.from(bytes)), `${bytes}`);
  }
});
