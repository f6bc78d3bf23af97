import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Fact } from "../../src/chat/bus/facts.ts";
import { freeName, parseName } from "../../src/chat/protocol/names.ts";
import { parseJson } from "../../src/chat/protocol/requests.ts";
import { Roster } from "../../src/chat/roster.ts";
import { below, generator, pick } from "../support/random.ts";

const join = (id: string, name: string): Fact => ({ type: "join", id, name });
const rename = (id: string, name: string): Fact => ({ type: "rename", id, from: "", name });

Deno.test("the first in the order gets a name, the second one with a number", () => {
  const roster = new Roster();
  assertEquals(roster.apply(join("a.1", "bob")), [{ type: "joined", id: "a.1", name: "bob" }]);
  assertEquals(roster.apply(join("b.1", "Bob")), [{ type: "joined", id: "b.1", name: "Bob-2" }]);
  assertEquals(roster.apply(rename("b.1", "BOB")), [{ type: "refused", id: "b.1", name: "BOB" }]);
  roster.apply({ type: "leave", id: "a.1", from: "bob" });
  assertEquals(roster.apply(rename("b.1", "BOB"))[0]!.type, "renamed");
  assertEquals(roster.names(), ["BOB"]);
});

Deno.test("facts that don't fit change nothing", () => {
  const roster = new Roster();
  roster.apply(join("a.1", "bob"));
  assertEquals(roster.apply(join("a.1", "eve")), []);
  assertEquals(roster.apply(rename("b.1", "eve")), []);
  assertEquals(roster.apply({ type: "leave", id: "b.1", from: "bob" }), []);
  assertEquals(roster.names(), ["bob"]);
});

Deno.test("a process's list corrects its members, and no others", () => {
  const roster = new Roster();
  for (const [id, name] of [["a.1", "x"], ["a.2", "y"], ["b.1", "z"]]) {
    roster.apply(join(id!, name!));
  }
  const members = [["a.2", "why"], ["a.3", "Z"]] as const;
  assertEquals(roster.apply({ type: "here", process: "a", members }), [
    { type: "left", id: "a.1", name: "x", why: undefined },
    { type: "renamed", id: "a.2", from: "y", name: "why" },
    { type: "joined", id: "a.3", name: "Z-2" },
  ]);
  assertEquals(roster.apply({ type: "gone", process: "a" }).map(({ name }) => name), [
    "why",
    "Z-2",
  ]);
  assertEquals(roster.names(), ["z"]);
});

Deno.test("a guest's name isn't given twice", () => {
  const roster = new Roster();
  assertEquals([roster.nextGuest(), roster.nextGuest()], ["guest-1", "guest-2"]);
  roster.apply(join("a.1", "guest-7"));
  roster.apply({ type: "leave", id: "a.1", from: "guest-7" });
  assertEquals(roster.nextGuest(), "guest-8");
});

Deno.test("names are unique, and a copy is equal, after any facts", () => {
  const names = ["ann", "Ann", "bob", "guest-1", "guest-2", "server"];
  const ids = ["a.1", "a.2", "b.1", "b.2", "c.1"];
  for (let seed = 1; seed <= 50; seed++) {
    const random = generator(seed);
    const roster = new Roster();
    for (let step = 0; step < 200; step++) {
      const [id, name] = [pick(random, ids), pick(random, names)];
      const process = id.slice(0, 1);
      const members = ids.filter((one) => one[0] === process && below(random, 2))
        .map((one) => [one, pick(random, names)] as const);
      roster.apply(pick<Fact>(random, [
        join(id, name),
        rename(id, name),
        { type: "leave", id, from: name },
        { type: "here", process, members },
        { type: "gone", process },
      ]));
      const keys = roster.names().map((one) => one.toLowerCase());
      assertEquals(new Set(keys).size, roster.size);
      assertEquals(roster.copy().names(), roster.names());
      for (const one of roster.names()) assertEquals(roster.nameOf(roster.find(one)!), one);
    }
  }
});

Deno.test("who comes second gets the lowest number that is free, after any facts", () => {
  const names = ["x", "X", "x-2", "x-3", "x-7", "x-02", "y", "guest", "guest-2", "l".repeat(32)];
  for (let seed = 1; seed <= 100; seed++) {
    const random = generator(seed);
    const roster = new Roster();
    for (let step = 0; step < 100; step++) {
      const id = `a.${below(random, 20)}`;
      const name = pick(random, names);
      const kind = below(random, 3);
      if (kind === 0) {
        const expected = freeName(name, (one) => roster.find(one) !== undefined);
        const [joined] = roster.apply(join(id, name));
        if (joined) assertEquals(joined.name, expected, `seed ${seed}, step ${step}`);
      } else if (kind === 1) {
        roster.apply(rename(id, name));
      } else {
        roster.apply({ type: "leave", id, from: "" });
      }
    }
  }
});

Deno.test("a list of 5,000 members with one name takes no quadratic time", () => {
  const roster = new Roster();
  const members = Array.from({ length: 5000 }, (_, i) => [`a.${i}`, "x"] as const);
  const looked = countNormalizations(() => roster.apply({ type: "here", process: "a", members }));
  assertEquals(roster.names().at(-1), "x-5000");
  assert(looked.length < 100_000, `${looked.length} names were looked at`);
});

Deno.test("a request that is too long for a name isn't normalized", () => {
  const roster = new Roster();
  const long = "a" + "\u0301\u0323".repeat(10_000);
  const looked = countNormalizations(() => {
    assertEquals(roster.find(long), undefined);
    assertThrows(() => parseName(long), Error, "1 to 32 characters");
    const [request] = parseJson(JSON.stringify({ type: "msg", to: long, text: "hi" }));
    assertEquals(request!.type, "wrong");
  });
  assertEquals(looked, []);
});

/** The length of each text that `work` normalizes. */
function countNormalizations(work: () => void): number[] {
  const lengths: number[] = [];
  const { normalize } = String.prototype;
  String.prototype.normalize = function (this: string, form?: string) {
    lengths.push(this.length);
    return normalize.call(this, form);
  };
  try {
    work();
  } finally {
    String.prototype.normalize = normalize;
  }
  return lengths;
}
