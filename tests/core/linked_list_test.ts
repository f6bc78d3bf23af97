import { assert, assertEquals } from "@std/assert";
import { LinkedList } from "../../src/core/linked_list.ts";

Deno.test("a list keeps the order of its items, whichever of them are removed", () => {
  const all = [0, 1, 2, 3];
  for (let removed = 0; removed < 2 ** all.length; removed++) {
    for (const isReversed of [false, true]) {
      const list = new LinkedList<number>();
      const places = all.map((item) => list.add(item));
      const leaving = all.filter((i) => removed & 1 << i);
      if (isReversed) leaving.reverse();
      for (const i of leaving) assert(places[i]!.remove());
      const left = all.filter((i) => !leaving.includes(i));
      assertEquals([...list], left);
      assertEquals(list.length, left.length);
      assertEquals([list.first?.item, list.last?.item], [left[0], left.at(-1)]);
      list.add(4);
      assertEquals([...list], [...left, 4]);
    }
  }
});

Deno.test("an item is removed once, and nothing leads from its place to the list", () => {
  const list = new LinkedList<string>();
  const [, place] = ["a", "b", "c"].map((item) => list.add(item));
  assert(place!.remove());
  assert(!place!.remove());
  assertEquals([place!.item, place!.previous, place!.next], [undefined, undefined, undefined]);
  assertEquals([...list], ["a", "c"]);
});

Deno.test("what comes and goes in a list doesn't outlive minor garbage collections", async () => {
  const module = new URL("../../src/core/linked_list.ts", import.meta.url);
  // The list grows old first, as that of a program that runs for a while.
  const program = `
    import { LinkedList } from ${JSON.stringify(module)};
    const list = new LinkedList();
    list.add({});
    for (let i = 0; i < 4; i++) gc({ type: "minor" });
    const before = Deno.memoryUsage().heapUsed;
    const open = [];
    for (let i = 0; i < 200_000; i++) {
      open.push(list.add({ payload: new Array(50).fill(i) }));
      if (open.length > 16) open.shift().remove();
      if (i % 2000 === 0) gc({ type: "minor" });
    }
    console.log(Deno.memoryUsage().heapUsed - before);`;
  const args = ["eval", "--no-lock", "--v8-flags=--expose-gc", program];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const kept = Number(new TextDecoder().decode(stdout));
  assert(kept > 0 && kept < 10e6, `${kept} bytes of 88 MB`);
});
