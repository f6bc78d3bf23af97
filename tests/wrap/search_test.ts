import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Search, Searcher } from "../../src/wrap/search.ts";
import { isPending, soon } from "../support/wait.ts";

const { signal } = new AbortController();
const search = (source: string, text: string, from = 0): Search => ({
  source,
  flags: "gmu",
  text,
  from,
});
const ENDLESS = search("(x+x+)+y", "x".repeat(200));

Deno.test("a searcher finds matches from a place on", async () => {
  using searcher = new Searcher({ slow: () => {}, hasRoom: () => true });
  assertEquals(await searcher.find(search("ä+$", "ää\nb"), signal), true);
  assertEquals(await searcher.find(search("ä+$", "ää\nb", 2), signal), false);
});

Deno.test("a search ends with its signal, and the next one begins", async () => {
  using searcher = new Searcher({ slow: () => {}, hasRoom: () => true });
  const [endless, waiting] = [new AbortController(), new AbortController()];
  const first = searcher.find(ENDLESS, endless.signal);
  const second = searcher.find(ENDLESS, waiting.signal);
  const third = searcher.find(search("a+", "a"), signal);
  waiting.abort();
  assert(await isPending(Promise.race([first, second, third])));
  endless.abort();
  assertEquals(await soon(Promise.all([first, second, third]), "all"), [false, false, true]);
});

Deno.test("a search that takes too much memory is rejected, and the next one begins", async () => {
  using searcher = new Searcher({ slow: () => {}, hasRoom: () => true });
  const huge = searcher.find(search("^(a|b)*c", "ab".repeat(4_000_000)), signal);
  await assertRejects(() => huge, Error, "too much memory");
  assertEquals(await searcher.find(search("a+", "a"), signal), true);
});
