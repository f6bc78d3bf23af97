import { assert, assertEquals, assertThrows } from "@std/assert";
import { freeName, isReserved, nameKey, parseName } from "../../../src/chat/protocol/names.ts";

Deno.test("a name has 1 to 32 characters, counted as a reader does", () => {
  assertEquals(parseName("a"), "a");
  assertEquals(parseName("😀".repeat(32)), "😀".repeat(32));
  assertThrows(() => parseName(""), Error, "1 to 32");
  assertThrows(() => parseName("a".repeat(33)), Error, "1 to 32");
});

Deno.test("a name can be in any language", () => {
  for (const name of ["Zoë", "Анна", "山田太郎", "محمد", "नीना", "👩", "a-b_c.d", "[x]"]) {
    assertEquals(parseName(name), name);
  }
});

Deno.test("invisible characters, and those that change the text's direction, are removed from a name", () => {
  const hidden = [0, 9, 10, 13, 0x1b, 0x20, 0x7f, 0x85, 0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x200b]
    .concat([0x200d, 0x200e, 0x2028, 0x202e, 0x2060, 0x2066, 0x2800, 0x3000, 0x3164, 0xfeff])
    .concat([0xffa0, 0xe0061, 0xd800]);
  for (const code of hidden) {
    assertThrows(() => parseName(`a${String.fromCodePoint(code)}b`), Error, "printable");
  }
});

Deno.test("a name doesn't begin with a combining character", () => {
  assertThrows(() => parseName("\u0301a"), Error, "whole character");
});

Deno.test("a name has one form: composed", () => {
  assertEquals(parseName("Zoe\u0308"), "Zoë");
});

Deno.test("names that look alike are the same name", () => {
  assertEquals(nameKey("BOB"), nameKey("bob"));
  assertEquals(nameKey("ｂｏｂ"), nameKey("bob"));
  assertEquals(nameKey("Zoe\u0308"), nameKey("ZOË"));
  assert(nameKey("bob") !== nameKey("rob"));
});

Deno.test("server and guest-N can't be chosen", () => {
  for (const name of ["server", "Server", "SERVER-2", "guest-1", "Guest-99", "guest"]) {
    assert(isReserved(name), name);
  }
  for (const name of ["servers", "guesthouse", "guest-a", "my-guest-1"]) {
    assert(!isReserved(name), name);
  }
});

Deno.test("a taken name gets the next free number", () => {
  const taken = (...names: string[]) => (name: string) => names.includes(name);
  assertEquals(freeName("bob", taken()), "bob");
  assertEquals(freeName("bob", taken("bob", "bob-2")), "bob-3");
  assertEquals(freeName("guest-7", taken("guest-7", "guest-1")), "guest-2");
  assertEquals(freeName("server", taken("server")), "server-2");
  const long = "a".repeat(32);
  assertEquals(parseName(freeName(long, taken(long))), "a".repeat(27) + "-2");
});
