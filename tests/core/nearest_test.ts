import { assertEquals } from "@std/assert";
import { editDistance, nearest, suggestion } from "../../src/core/nearest.ts";

Deno.test("editDistance counts letters inserted, dropped, changed and swapped", () => {
  for (
    const [a, b, distance] of [
      ["", "", 0],
      ["", "abc", 3],
      ["relay", "relay", 0],
      ["rleay", "relay", 1],
      ["sever", "server", 1],
      ["servers", "server", 1],
      ["kitten", "sitting", 3],
      ["abcd", "badc", 2],
    ] as const
  ) {
    assertEquals([editDistance(a, b), editDistance(b, a)], [distance, distance], `${a} ${b}`);
  }
});

Deno.test("nearest finds what was mistyped, abbreviated or in the wrong case, and nothing else", () => {
  const commands = ["server", "client", "echo", "relay", "completions"];
  const known = [...commands, "--connect-timeout", "--cert", "--text-mode", "--idle"];
  for (
    const [word, meant] of [
      ["sever", "server"],
      ["CLIENT", "client"],
      ["comp", "completions"],
      ["--conect-timeout", "--connect-timeout"],
      ["--connect", "--connect-timeout"],
      ["--idel", "--idle"],
      ["--crt", "--cert"],
      ["--sent", undefined],
      ["nonsense", undefined],
      ["cat", undefined],
      ["", undefined],
    ] as const
  ) assertEquals(nearest(word, known), meant, word);
  assertEquals(suggestion("eco", known), "; did you mean echo?");
  assertEquals(suggestion("xyz", known), "");
});
