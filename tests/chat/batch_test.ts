import { assert, assertEquals } from "@std/assert";
import { batched } from "../../src/chat/batch.ts";
import { timestamp } from "../../src/chat/protocol/news.ts";
import { decode, encode } from "../support/connections.ts";

const [one, two, three] = ["one\n", "two\n", "three\n"].map((text) => encode(text));

Deno.test("a batch is its messages in order, and the same bytes for the next who gets it", () => {
  const first = batched([one!, two!]);
  assertEquals(decode(first), "one\ntwo\n");
  assert(batched([one!, two!]) === first);
});

Deno.test("a batch that differs in anything is put together anew, and leaves the last as it was", () => {
  const first = batched([one!, two!]);
  assertEquals(decode(batched([two!, one!])), "two\none\n");
  assertEquals(decode(batched([one!, two!, three!])), "one\ntwo\nthree\n");
  assertEquals(decode(batched([one!])), "one\n");
  assertEquals(decode(batched([one!, encode("two\n")])), "one\ntwo\n");
  assertEquals(decode(first), "one\ntwo\n");
});

Deno.test("a timestamp is its own time's, also when another one was asked for before", () => {
  const dates = [
    "2026-01-02T03:04:05.678Z",
    "2026-01-02T03:04:05.679Z",
    "2026-01-02T03:04:05.678Z",
  ];
  assertEquals(dates.map((date) => timestamp(new Date(date))), dates);
});
