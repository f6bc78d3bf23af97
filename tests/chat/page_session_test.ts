/** The page's state and actions, without a browser: lines over connections that break. */
import { assertEquals, assertThrows } from "@std/assert";
import type { News } from "../../src/chat/protocol/news.ts";
import type { ClientMessage } from "../../src/chat/page/link.ts";
import { MOST_PENDING } from "../../src/chat/page/pending_lines.ts";
import type { Screen } from "../../src/chat/page/screen.ts";
import { PageSession } from "../../src/chat/page/session.ts";

/** A session whose room is played by the test. */
class TestSession {
  readonly sent: ClientMessage[] = [];
  readonly said: string[] = [];
  readonly told: string[] = [];
  waiting: string[] = [];
  members: readonly string[] = [];
  away: readonly string[] = [];
  left = false;
  /** Whether our own lines are recorded as such. */
  marksOwn = false;
  watched = true;
  asked = 0;
  helped = 0;
  /** Private lines and notices, by the other member. */
  readonly alone: [string, string][] = [];
  readonly memory = {
    name: undefined as string | undefined,
    seen: undefined as string | undefined,
    isAsked: false,
  };
  readonly session: PageSession;

  constructor() {
    const isWatched = () => this.watched;
    const screen: Screen = {
      get isWatched() {
        return isWatched();
      },
      showLine: ({ text }, mine) =>
        void this.said.push(mine && this.marksOwn ? `mine: ${text}` : text!),
      showEvent: (pieces, _kind, _time, alone) => {
        const text = pieces.map((one) => typeof one === "string" ? one : one.name).join("");
        this.told.push(text);
        if (alone !== undefined) this.alone.push([alone, text]);
      },
      showMark: () => void this.said.push("---"),
      showHelp: () => void this.helped++,
      enter: () => {},
      roster: ({ members, away }) => {
        this.members = members;
        this.away = away;
      },
      renamed: () => {},
      askName: () => void this.asked++,
      showPending: (lines) => void (this.waiting = lines.map(({ text }) => text)),
      live: () => {},
    };
    const link = {
      send: (request: ClientMessage) => void this.sent.push(request),
      leave: () => void (this.left = true),
    };
    this.session = new PageSession(link, screen, this.memory);
  }

  receive(news: Omit<News, "room" | "time">): void {
    this.session.receive({ room: "main", time: "2026-01-31T12:00:00.000Z", ...news });
  }

  sayEvent(from: string, text: string, id: string): void {
    this.receive({ type: "say", from, text, id });
  }

  /** Connects and joins, with a history of texts by their ids. */
  connect(me: string, history: Record<string, string> = {}, others: string[] = ["alice"]): void {
    const members = [...others, me];
    this.receive({ type: "welcome", from: me, members });
    for (const [id, text] of Object.entries(history)) this.sayEvent(me, text, id);
    this.receive({ type: "who", members });
  }

  /** The texts of the lines that went out. */
  get lines(): string[] {
    return this.sent.filter(({ type }) => type === "say").map(({ text }) => text!);
  }
}

Deno.test("page: a line waits until the room has shown it", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.type("hello");
  assertEquals([stage.lines, stage.waiting, stage.said], [["hello"], ["hello"], []]);
  stage.sayEvent("guest-1", "hello", "a-1");
  assertEquals([stage.waiting, stage.said], [[], ["hello"]]);
});

Deno.test("page: lines typed while away are sent once, in order, when the history is known", () => {
  const stage = new TestSession();
  stage.session.type("one");
  stage.session.type("two");
  stage.receive({ type: "welcome", from: "guest-1", members: ["guest-1"] });
  assertEquals(stage.lines, []);
  stage.receive({ type: "who", members: ["guest-1"] });
  stage.session.type("three");
  assertEquals(stage.lines, ["one", "two", "three"]);
});

Deno.test("page: nothing is sent on a closed connection", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.lost();
  stage.session.type("hello");
  assertEquals([stage.lines, stage.waiting], [[], ["hello"]]);
});

Deno.test("page: a line that has never been sent is in no history", () => {
  const stage = new TestSession();
  stage.session.type("hello");
  stage.connect("guest-1", { "a-1": "hello" });
  assertEquals([stage.lines, stage.said], [["hello"], ["hello"]]);
});

Deno.test("page: a line that the history has is not sent again, one that it lacks is", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.type("taken");
  stage.session.type("lost");
  stage.session.lost();
  stage.connect("guest-2", {});
  assertEquals(stage.lines, ["taken", "lost", "taken", "lost"]);
  stage.session.lost();
  stage.receive({ type: "welcome", from: "guest-3", members: ["guest-3"] });
  stage.sayEvent("guest-1", "taken", "a-1");
  stage.receive({ type: "who", members: ["guest-3"] });
  assertEquals(stage.lines.slice(4), ["lost"]);
  assertEquals([stage.said, stage.waiting], [["taken"], ["lost"]]);
});

Deno.test("page: a line is shown once, however often its id comes", () => {
  const stage = new TestSession();
  stage.connect("guest-1", { "a-1": "old" });
  stage.sayEvent("alice", "new", "a-2");
  stage.session.lost();
  stage.connect("guest-1", { "a-1": "old", "a-2": "new", "a-3": "missed" });
  assertEquals(stage.said, ["old", "new", "missed"]);
});

Deno.test("page: a history that doesn't reach back shows that lines may be missing", () => {
  const stage = new TestSession();
  stage.connect("guest-1", { "a-1": "old" });
  stage.session.lost();
  stage.connect("guest-1", { "a-9": "new" });
  assertEquals(stage.told.filter((line) => line.includes("missing")).length, 1);
  stage.session.lost();
  stage.connect("guest-1", { "a-9": "new", "a-10": "newer" });
  assertEquals(stage.told.filter((line) => line.includes("missing")).length, 1);
});

Deno.test("page: somebody else's line doesn't acknowledge ours", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.type("hello");
  stage.sayEvent("alice", "hello", "a-1");
  assertEquals(stage.waiting, ["hello"]);
});

Deno.test("page: a gap reported by the room is shown", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.type("one");
  stage.session.type("two");
  stage.sayEvent("guest-1", "two", "a-1");
  assertEquals(stage.waiting, []);
  assertEquals(stage.told.at(-1), "the room may not have taken this line: one");
});

Deno.test("page: text is compared as the room shows it", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.type("a\x1b[31mb\u202ec \t ");
  stage.sayEvent("guest-1", "a\\x1b[31mb\\u{202e}c", "a-1");
  assertEquals(stage.waiting, []);
});

Deno.test("page: the chosen name is asked for again, and taken back when it becomes free", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.type("/nick bob");
  stage.receive({ type: "rename", from: "guest-1", text: "bob" });
  assertEquals([stage.session.me, stage.memory.name], ["bob", "bob"]);
  stage.session.lost();
  stage.connect("guest-2", {}, ["bob"]);
  const asked = () => stage.sent.filter(({ type }) => type === "nick").map(({ text }) => text);
  assertEquals(asked(), ["bob", "bob"]);
  stage.receive({ type: "leave", from: "bob" });
  assertEquals(asked(), ["bob", "bob", "bob"]);
  stage.receive({ type: "rename", from: "guest-2", text: "bob" });
  stage.receive({ type: "leave", from: "alice" });
  assertEquals([stage.session.me, stage.members, asked().length], ["bob", ["bob"], 3]);
});

Deno.test("page: a name that only the room gives is not stored", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.receive({ type: "rename", from: "guest-1", text: "guest-7" });
  assertEquals([stage.session.me, stage.memory.name], ["guest-7", undefined]);
});

Deno.test("page: a name chosen while away is asked for later, unless it is taken", () => {
  const stage = new TestSession();
  stage.session.rename("bob");
  assertEquals(stage.memory.name, "bob");
  assertThrows(() => stage.session.rename("server"), Error, "is taken");
  assertThrows(() => stage.session.rename("a b"), Error, "no spaces");
  assertEquals([stage.memory.name, stage.sent], ["bob", []]);
});

Deno.test("page: members come, go and change their names", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.receive({ type: "join", from: "guest-2" });
  stage.receive({ type: "rename", from: "guest-2", text: "carol" });
  stage.receive({ type: "leave", from: "alice", text: "too slow" });
  assertEquals(stage.members, ["guest-1", "carol"]);
  assertEquals(stage.told.slice(1), [
    "guest-2 has joined",
    "guest-2 is now carol",
    "alice has left (too slow)",
  ]);
});

Deno.test("page: commands do what they do in a terminal", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.sent.length = 0;
  for (const text of ["/me waves\n/msg ALICE psst", "//slash", "/who\n\n   \n"]) {
    stage.session.type(text);
  }
  assertEquals(stage.sent, [
    { type: "me", text: "waves" },
    { type: "msg", to: "ALICE", text: "psst" },
    { type: "say", text: "/slash" },
    { type: "who" },
  ]);
  stage.receive({ type: "who", members: ["alice", "guest-1"] });
  assertEquals(stage.told.at(-1), "here: alice, guest-1");
  const lost = () => stage.session.type("/msg nobody hello");
  assertThrows(lost, Error, "nobody here is called nobody");
  stage.session.type("/frob");
  assertEquals(stage.told.at(-1)!.startsWith("/frob is no command"), true);
  stage.session.type("/quit");
  assertEquals([stage.left, stage.sent.length], [true, 4]);
});

Deno.test("page: a probe's answer is not shown", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  const before = stage.told.length;
  stage.session.probe();
  stage.receive({ type: "who", members: ["guest-1"] });
  assertEquals([stage.told.length, stage.members], [before, ["guest-1"]]);
});

Deno.test("page: too long a line, and too many lines, are refused whole", () => {
  const stage = new TestSession();
  stage.session.type("x".repeat(4096));
  const refused: [string, string][] = [
    [`fine\n${"é".repeat(2049)}`, "at most 4096 bytes"],
    ["x\n".repeat(201), "at most 200 lines"],
    ["/me x\n".repeat(MOST_PENDING), "Too many lines"],
  ];
  for (const [text, why] of refused) assertThrows(() => stage.session.type(text), Error, why);
  assertEquals(stage.waiting.length, 1);
});

Deno.test("page: an unknown event changes nothing", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  const before = stage.told.length;
  stage.receive({ type: "later" as News["type"], text: "?" });
  assertEquals([stage.told.length, stage.said], [before, []]);
});

Deno.test("page: a private line whose recipient has left is given up, with a notice", () => {
  const stage = new TestSession();
  stage.session.type("/msg dora still there?");
  stage.connect("guest-1", {}, []);
  assertEquals([stage.sent.filter(({ type }) => type === "msg"), stage.waiting], [[], []]);
  assertEquals(stage.told.at(-1), "not sent, dora isn't here: still there?");
});

Deno.test("page: a private line that the room refuses waits no longer", () => {
  const stage = new TestSession();
  stage.connect("guest-1", {}, ["dora"]);
  stage.session.type("/msg dora gone?\n/msg dora hello?");
  assertEquals(stage.waiting, ["gone?", "hello?"]);
  stage.receive({ type: "notice", text: "nobody here is called dora" });
  assertEquals(stage.waiting, ["hello?"]);
  assertEquals(stage.told.at(-1), "not sent, dora isn't here: gone?");
});

Deno.test("page: a name that someone here has is refused before it is asked for", () => {
  const stage = new TestSession();
  stage.connect("guest-1", {}, ["alice"]);
  for (const name of ["alice", "ALICE", "guest-9", "server"]) {
    assertThrows(() => stage.session.rename(name), Error, `the name ${name} is taken`);
  }
  stage.session.rename("bob");
  assertEquals(stage.sent.at(-1), { type: "nick", text: "bob" });
});

Deno.test("page: a text of several lines is one message, and commands stand for themselves", () => {
  const stage = new TestSession();
  stage.connect("guest-1", {}, ["alice"]);
  stage.sent.length = 0;
  stage.session.type("\n if x:\r\n\ty\n/nick no\n\n");
  stage.session.type("/who\nhello\nall");
  stage.session.type("/msg alice one\ntwo\n/me waves\ntwice\n/who");
  assertEquals(stage.sent, [
    { type: "say", text: " if x:\n\ty\n/nick no" },
    { type: "who" },
    { type: "say", text: "hello\nall" },
    { type: "msg", to: "alice", text: "one\ntwo" },
    { type: "me", text: "waves\ntwice" },
    { type: "who" },
  ]);
  stage.sayEvent("guest-1", " if x:\n\ty\n/nick no", "a-1");
  assertEquals(stage.waiting.length, 3, "it is known again when it comes back");
});

Deno.test("page: what is typed in a private conversation stays in it", () => {
  const stage = new TestSession();
  stage.connect("guest-1", {}, ["alice"]);
  stage.sent.length = 0;
  stage.session.type("psst\n/usr/bin", "alice");
  stage.session.type("/me waves", "alice");
  stage.session.type("//who", "alice");
  assertEquals(stage.sent, [
    { type: "msg", to: "alice", text: "psst\n/usr/bin" },
    { type: "msg", to: "alice", text: "/who" },
  ]);
  assertEquals(stage.alone, [["alice", "/me is for everyone: this was not sent"]]);
  const lost = () => stage.session.type("/who\nhello?", "bob");
  assertThrows(lost, Error, "nobody here is called bob");
  assertEquals(stage.sent.length, 2, "all or nothing");
});

Deno.test("page: a stored name is taken before the history, in which our lines are ours", () => {
  const stage = new TestSession();
  stage.memory.name = "ben";
  stage.marksOwn = true;
  stage.receive({ type: "welcome", from: "guest-2", members: ["alice", "guest-2"] });
  assertEquals(stage.sent[0], { type: "nick", text: "ben" });
  stage.sayEvent("ben", "before", "a-1");
  stage.sayEvent("alice", "hi", "a-2");
  stage.receive({ type: "rename", from: "guest-2", text: "ben" });
  stage.receive({ type: "who", members: ["alice", "ben"] });
  assertEquals(stage.said, ["mine: before", "hi"]);
  assertEquals(stage.told, ["you are ben; /help lists what you can do"]);
  assertEquals([stage.members, stage.asked], [["alice", "ben"], 0]);
});

Deno.test("page: a stored name that our lost connection has still is taken back in silence", () => {
  const stage = new TestSession();
  stage.memory.name = "ben";
  stage.receive({ type: "welcome", from: "guest-2", members: ["ben", "guest-2"] });
  stage.receive({ type: "notice", text: "the name ben is taken" });
  stage.receive({ type: "who", members: ["ben", "guest-2"] });
  assertEquals(stage.told, [
    "you are guest-2 while ben is here already; /help lists what you can do",
  ]);
  stage.receive({ type: "leave", from: "ben" });
  assertEquals(stage.sent.at(-1), { type: "nick", text: "ben" });
  stage.receive({ type: "rename", from: "guest-2", text: "ben" });
  assertEquals(stage.told.slice(1), ["ben has left", "you are now ben"]);
});

Deno.test("page: who has no name yet is asked for one, at the first connection alone", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.session.lost();
  stage.connect("guest-2");
  assertEquals(stage.asked, 1);
  const later = new TestSession();
  later.memory.isAsked = true;
  later.connect("guest-1");
  assertEquals(later.asked, 0);
});

Deno.test("page: where the reader has left off is marked before the first line of others", () => {
  const history = { "a-1": "one", "a-2": "two", "a-3": "three" };
  const cases: [seen: string | undefined, said: string[]][] = [
    [undefined, ["one", "two", "three"]],
    ["a-1", ["one", "---", "two", "three"]],
    ["a-3", ["one", "two", "three"]],
    ["old", ["---", "one", "two", "three"]],
  ];
  for (const [seen, said] of cases) {
    const stage = new TestSession();
    stage.memory.seen = seen;
    stage.receive({ type: "welcome", from: "guest-1", members: ["alice", "guest-1"] });
    for (const [id, text] of Object.entries(history)) stage.sayEvent("alice", text, id);
    stage.receive({ type: "who", members: ["alice", "guest-1"] });
    assertEquals(stage.said, said, seen);
    assertEquals(stage.session.last, "a-3");
  }
});

Deno.test("page: a mark is set after a lost connection, and when nobody looks", () => {
  const stage = new TestSession();
  stage.connect("guest-1", { "a-1": "one" });
  stage.session.type("mine");
  stage.session.lost();
  stage.receive({ type: "welcome", from: "guest-2", members: ["alice", "guest-2"] });
  stage.sayEvent("guest-1", "one", "a-1");
  stage.sayEvent("guest-1", "mine", "a-2");
  stage.sayEvent("alice", "missed", "a-3");
  stage.receive({ type: "who", members: ["alice", "guest-2"] });
  assertEquals(stage.said, ["one", "mine", "---", "missed"]);
  stage.watched = false;
  stage.session.lookAway();
  stage.sayEvent("alice", "unseen", "a-4");
  stage.sayEvent("alice", "this too", "a-5");
  stage.watched = true;
  stage.sayEvent("alice", "seen", "a-6");
  assertEquals(stage.said.slice(4), ["---", "unseen", "this too", "seen"]);
});

Deno.test("page: who has left is away for a while, but for guests", () => {
  const stage = new TestSession();
  stage.connect("guest-1", {}, ["alice", "bob", "guest-7"]);
  for (const from of ["alice", "guest-7", "bob"]) stage.receive({ type: "leave", from });
  assertEquals([stage.members, stage.away], [["guest-1"], ["alice", "bob"]]);
  stage.receive({ type: "join", from: "guest-8" });
  stage.receive({ type: "rename", from: "guest-8", text: "Alice" });
  assertEquals(stage.away, ["bob"]);
  stage.session.lost();
  stage.connect("guest-1", {}, []);
  assertEquals(stage.away, ["bob", "Alice"]);
});

Deno.test("page: /help is a card, and nothing is sent for it", () => {
  const stage = new TestSession();
  stage.connect("guest-1");
  stage.sent.length = 0;
  stage.session.type("/help");
  assertEquals([stage.helped, stage.sent], [1, []]);
});
