import { assert, assertEquals } from "@std/assert";
import { isMostlyText } from "../../src/core/json.ts";
import { encode } from "../support/connections.ts";
import { below, generator } from "../support/random.ts";

const judge = (value: unknown, limit: number) => isMostlyText(encode(JSON.stringify(value)), limit);

Deno.test("strings of any length are text, whatever is in them", () => {
  const hard = ['"', "\\", '\\"', '"\\', "\\\\", "{}", "[[[", "\n", "é", "\ud83d\ude00", "\u0000"];
  const random = generator(5);
  for (let run = 0; run < 500; run++) {
    const text = Array.from({ length: 400 }, () => hard[below(random, hard.length)]).join("");
    assert(judge({ text, note: text }, 40), text);
    assert(!judge({ text, list: Array(30).fill(0) }, 40));
  }
});

Deno.test("anything else counts", () => {
  for (const filler of [{}, [], 0, null, true, "", { a: "b" }]) {
    const many = Array(200).fill(filler);
    assertEquals(judge({ text: "x".repeat(1000), many }, 300), false);
    assertEquals(judge({ text: "x".repeat(1000), many }, 10_000), true);
  }
  assert(!isMostlyText(new Uint8Array(101).fill(0x5b), 100));
  assert(isMostlyText(encode('"' + "x".repeat(500)), 100), "a string without an end");
});
