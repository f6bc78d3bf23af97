import { assert, assertEquals } from "@std/assert";
import { Audience } from "../../src/chat/audience.ts";
import { Member } from "../../src/chat/member.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { decode } from "../support/connections.ts";
import { memoryPair } from "../support/memory.ts";
import { until } from "../support/wait.ts";

/** A member that keeps each write. */
class Listener {
  readonly writes: string[] = [];
  readonly member: Member;

  constructor(id: string) {
    const connection: Duplex = Object.assign(Object.create(memoryPair()[0]), {
      write: (bytes: Uint8Array) => Promise.resolve(void this.writes.push(decode(bytes))),
    });
    this.member = new Member(id, id, connection, "line", silent);
  }

  get lines(): string[] {
    return this.writes.join("").split("\n").slice(0, -1);
  }
}

Deno.test("who comes one after the other is told of in few writes, to each from its own join on", async () => {
  const audience = new Audience("main", () => {});
  const crowd = Array.from({ length: 100 }, (_, i) => new Listener(`p.${i}`));
  for (const { member } of crowd) {
    audience.broadcastMerged(audience.news({ type: "join", from: member.name }));
    audience.welcome(member, []);
    for (let i = 0; i < 5; i++) await Promise.resolve(); // Its own turn, were it not merged.
  }
  const expected = (first: number) =>
    crowd.slice(first).map(({ member }) => `-- ${member.name} has joined`);
  await until(() => crowd[0]!.lines.length === 99, "news of all who came later");
  crowd.forEach(({ lines }, i) => assertEquals(lines, expected(i + 1)));
  assert(crowd[0]!.writes.length < 10, `${crowd[0]!.writes.length} writes`);
});

Deno.test("a line is sent at once, after the news of who has come before it", async () => {
  const audience = new Audience("main", () => {});
  const listener = new Listener("p.1");
  audience.welcome(listener.member, []);
  for (const from of ["ann", "bob"]) {
    audience.broadcastMerged(audience.news({ type: "join", from }));
    audience.flush();
  }
  audience.broadcastMerged(audience.news({ type: "join", from: "eve" }));
  audience.broadcast(audience.news({ type: "say", from: "eve", text: "hello" }));
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assertEquals(listener.lines.slice(2), ["-- eve has joined", "[eve] hello"]);
});

Deno.test("a member that leaves has got the news before its end", async () => {
  const audience = new Audience("main", () => {});
  const [leaving, staying] = [new Listener("p.1"), new Listener("p.2")];
  for (const { member } of [leaving, staying]) audience.welcome(member, []);
  audience.broadcast(audience.news({ type: "notice", text: "first" }));
  audience.flush();
  audience.broadcastMerged(audience.news({ type: "join", from: "ann" }));
  assert(audience.remove(leaving.member));
  audience.broadcast(audience.news({ type: "notice", text: "later" }));
  await until(() => staying.lines.length === 3, "all news for who stays");
  assertEquals(leaving.lines, ["-- first", "-- ann has joined"]);
  assertEquals(staying.lines, ["-- first", "-- ann has joined", "-- later"]);
});
