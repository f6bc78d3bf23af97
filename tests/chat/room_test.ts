import { assert, assertEquals, assertMatch } from "@std/assert";
import { attendAsServer } from "../../src/chat/visit.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { decode, encode } from "../support/connections.ts";
import { soon, until } from "../support/wait.ts";
import { joinJson, joinText, Messenger, rooms, Terminal } from "./people.ts";

/** What someone has seen after the welcome. */
const lines = ({ seen }: { seen: string[] }) => seen.filter((line) => !line.includes("welcome to"));

Deno.test("everyone receives a line, but a line member not its own", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await joinText(host);
  await using carol = await joinJson(host);
  await alice.type("hello");
  await bob.sees("[guest-1] hello");
  await bob.type("hi");
  await alice.sees("[guest-2] hi");
  await carol.ask({ type: "say", text: "hey" });
  await alice.sees("[guest-3] hey");
  await carol.sees("hey");
  assertEquals(lines(alice).filter((line) => line.startsWith("[")), [
    "[guest-2] hi",
    "[guest-3] hey",
  ]);
  assertEquals(lines(bob).filter((line) => line.startsWith("[")), [
    "[guest-1] hello",
    "[guest-3] hey",
  ]);
  assertEquals(carol.news("say").map(({ from, text }) => [from, text]), [
    ["guest-1", "hello"],
    ["guest-2", "hi"],
    ["guest-3", "hey"],
  ]);
});

Deno.test("a text of several lines is whole to JSON members, and line by line to others", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await joinText(host);
  await using carol = await joinJson(host);
  const text = "look:\n[server] not me\n\n-- nor the room";
  await carol.ask({ type: "say", text });
  await carol.ask({ type: "me", text: "waves\ntwice" });
  await carol.ask({ type: "msg", to: "guest-1", text: "psst\n[guest-2] hi" });
  await alice.sees("-> guest-1] [guest-2] hi");
  await carol.sees("msg");
  const expected = ["look:", "[server] not me", "", "-- nor the room"]
    .map((line) => `[guest-3] ${line}`).concat("* guest-3 waves", "* guest-3 twice");
  const secret = ["psst", "[guest-2] hi"].map((line) => `[guest-3 -> guest-1] ${line}`);
  const said = ({ seen }: { seen: string[] }) => seen.filter((line) => !line.startsWith("-- "));
  assertEquals(said(alice), [...expected, ...secret]);
  assertEquals(said(bob), [expected.slice(0, 4).join("\n"), expected.slice(4).join("\n")]);
  assertEquals(carol.news("say").map((news) => news.text), [text]);
  await using late = await Terminal.join(host);
  await late.sees("twice");
  assertEquals(said(late), expected);
});

Deno.test("texts of many lines cost no member that reads its place", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using carol = await joinJson(host);
  await carol.ask({ type: "nick", text: "W".repeat(32) });
  const text = Array.from({ length: 200 }, (_, n) => `${n}`).join("\n");
  for (let round = 0; round < 100; round++) await carol.ask({ type: "say", text });
  await carol.ask({ type: "say", text: "done" });
  await alice.sees("done");
  assertEquals(alice.seen.filter((line) => line.startsWith("[")).length, 20_001);
});

Deno.test("who waits within a line gets a hint, once and alone", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await Terminal.join(host);
  await alice.type("whole");
  await alice.send(encode("hel"));
  await alice.sees("-- a line ends with Enter");
  await alice.send(encode("lo"));
  await alice.send(encode("\nmore"));
  await bob.sees("[guest-1] hello");
  await new Promise((resolve) => setTimeout(resolve, 3000)); // Nothing shall come.
  await alice.type("");
  await bob.sees("[guest-1] more");
  assertEquals(alice.seen.filter((line) => line.includes("Enter")).length, 1);
  assertEquals(bob.seen.filter((line) => line.includes("Enter")).length, 0);
});

Deno.test("JSON members get all they need to show the room", async () => {
  const host = rooms();
  await using alice = await joinJson(host);
  await using bob = await Terminal.join(host);
  await bob.type("/me waves");
  await bob.type("/nick bob");
  await alice.sees("rename");
  await alice.ask({ type: "who" });
  await alice.sees('"who"');
  await bob.type("/quit");
  await alice.sees('"leave"');
  for (const news of alice.news()) {
    assertEquals(news.room, "main");
    assertMatch(news.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
  assertEquals(
    alice.news().map(({ room: _room, time: _time, id, ...news }) => ({ ...news, id: Boolean(id) })),
    [
      { type: "welcome", from: "guest-1", members: ["guest-1"], id: false },
      { type: "join", from: "guest-2", id: false },
      { type: "me", from: "guest-2", text: "waves", id: true },
      { type: "rename", from: "guest-2", text: "bob", id: false },
      { type: "who", members: ["guest-1", "bob"], id: false },
      { type: "leave", from: "bob", id: false },
    ],
  );
});

Deno.test("a rename is sent to all, the renamed member too", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await Terminal.join(host);
  await alice.type("/nick alice");
  await Promise.all([alice, bob].map((who) => who.sees("-- guest-1 is now alice")));
  await alice.type("/nick ALICE");
  await bob.sees("-- alice is now ALICE");
});

Deno.test("a name that is taken, given or malformed is refused with a notice", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await Terminal.join(host);
  await alice.type("/nick alice");
  await bob.sees("alice");
  for (const name of ["alice", "ALICE", "ａlice", "server", "guest-9"]) {
    await bob.type(`/nick ${name}`);
    await bob.sees(`-- the name ${name} is taken`);
  }
  await bob.type("/nick a b");
  await bob.sees("-- expected a name of printable characters");
  assertEquals(lines(alice).filter((line) => line.includes("is now")), ["-- guest-1 is now alice"]);
});

Deno.test("a private message reaches one member alone", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await joinJson(host);
  await using carol = await Terminal.join(host);
  await alice.type("/msg guest-2 for you");
  await bob.ask({ type: "msg", to: "GUEST-3", text: "secret" });
  await carol.sees("[guest-2 -> guest-3] secret");
  assertEquals(bob.news("msg").map(({ from, to, text }) => [from, to, text]), [
    ["guest-1", "guest-2", "for you"],
    ["guest-2", "guest-3", "secret"],
  ]);
  await alice.type("/msg nobody hello");
  await alice.sees("-- nobody here is called nobody");
  await using late = await Terminal.join(host);
  await late.type("/who");
  await late.sees("-- here: guest-1, guest-2, guest-3, guest-4");
  for (const { seen } of [alice, late]) assert(!seen.some((line) => line.includes("secret")));
  assert(!carol.seen.some((line) => line.includes("for you")));
});

Deno.test("a newcomer gets the last lines, oldest first, and no other history", async () => {
  const host = rooms({ history: 3 });
  await using alice = await Terminal.join(host);
  for (let i = 1; i <= 4; i++) await alice.type(`line ${i}`);
  await alice.type("/me waves");
  await alice.type("/who");
  await alice.sees("-- here");
  await using bob = await Terminal.join(host);
  await alice.type("live");
  await bob.sees("live");
  assertEquals(lines(bob), [
    "[guest-1] line 3",
    "[guest-1] line 4",
    "* guest-1 waves",
    "[guest-1] live",
  ]);
});

Deno.test("no history where none is kept", async () => {
  const host = rooms({ history: 0 });
  await using alice = await Terminal.join(host);
  await alice.type("before");
  await alice.type("/who");
  await alice.sees("-- here");
  await using bob = await Terminal.join(host);
  await alice.type("after");
  await bob.sees("after");
  assertEquals(lines(bob), ["[guest-1] after"]);
});

Deno.test("a line keeps its name in history, also for who has reconnected", async () => {
  const host = rooms();
  await using alice = await joinJson(host);
  await alice.ask({ type: "say", text: "once" });
  await alice.sees("once");
  await using again = await joinJson(host);
  await again.sees("once");
  assertEquals(again.news("say")[0], alice.news("say")[0]);
});

Deno.test("rooms are found by path, and get no lines of each other", async () => {
  const host = rooms();
  assertEquals(host.roomAt("/"), "main");
  assertEquals(host.roomAt("/?x=1"), "main");
  assertEquals(host.roomAt("/r/tea"), "tea");
  assertEquals(host.roomAt("/r/caf%C3%A9?x"), "café");
  for (const path of ["", "/x", "/r/", "/r/a/b", "/r/%", "/r/%00", "/r/a%20b", "/rx"]) {
    assertEquals(host.roomAt(path), undefined, path);
  }
  await using alice = await joinJson(host, "/r/tea");
  await using bob = await joinJson(host, "/r/caf%C3%A9");
  await using carol = await joinText(host, "/r/tea");
  await alice.ask({ type: "say", text: "tea?" });
  await carol.sees("tea?");
  await bob.ask({ type: "who" });
  await bob.sees('"who"');
  assertEquals(bob.news().map(({ type, room }) => [type, room]), [
    ["welcome", "café"],
    ["who", "café"],
  ]);
});

Deno.test("a room that everyone has left keeps its history for a while", async () => {
  const host = rooms();
  {
    await using alice = await joinText(host, "/r/tea");
    await alice.type("anyone?");
    await alice.type("/quit");
    await alice.left();
  }
  await using bob = await joinText(host, "/r/tea");
  await bob.sees("[guest-1] anyone?");
  for (let i = 0; i < 40; i++) {
    await using someone = await joinText(host, `/r/room-${i}`);
    await someone.type("/quit");
    await someone.left();
  }
  await using first = await joinText(host, "/r/tea");
  await first.sees("anyone?"); // Not empty, so never forgotten.
});

Deno.test("/quit and EOF are a normal leave, and pending requests are answered", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await Terminal.join(host);
  await bob.type("bye\n/who\n/quit\nnot said");
  await bob.left();
  await bob.sees("-- here: guest-1, guest-2");
  await alice.sees("-- guest-2 has left");
  await using carol = await Terminal.join(host);
  await carol.send(encode("last words"));
  await carol.endInput();
  await carol.left();
  await alice.sees("-- guest-3 has left");
  assertEquals(lines(alice).slice(-3), [
    "-- guest-3 has joined",
    "[guest-3] last words",
    "-- guest-3 has left",
  ]);
  assert(!alice.seen.some((line) => line.includes("not said")));
});

Deno.test("a broken connection is a leave", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  const bob = await Terminal.join(host);
  bob.hangUp();
  await alice.sees("-- guest-2 has left");
});

Deno.test("datagrams carry lines with their line endings", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await Messenger.join(host);
  await bob.type("one\ntwo\r\n");
  await alice.sees("two");
  assertEquals(lines(alice).slice(-2), ["[guest-2] one", "[guest-2] two"]);
  await alice.type("three");
  await bob.sees("[guest-1] three\n");
});

Deno.test("nothing that a member sends reaches others unescaped", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await joinJson(host);
  await using evil = await Terminal.join(host);
  const attacks = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b2J",
    "\u202egnp.exe",
    "a\rb",
    "\0",
    "\x7f",
    "\u2028",
  ];
  for (const attack of attacks) {
    await evil.type(attack);
    await evil.type(`/me ${attack}`);
    await evil.type(`/nick ${attack}`);
    await evil.type(`/${attack}`);
    await evil.type(`/msg guest-1 ${attack}`);
    await evil.type(`/msg ${attack} x`);
  }
  await evil.send(new Uint8Array([0xff, 0xc3, 0x28, 0x80, 0x0a]));
  await evil.type("<script>alert(1)</script>");
  await evil.type("done");
  for (const who of [alice, bob]) await who.sees("done");
  // deno-lint-ignore no-control-regex -- these are what is looked for
  const unsafe = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
  for (const { seen } of [alice, bob, evil]) {
    for (const line of seen) assert(!unsafe.test(line), JSON.stringify(line));
  }
  await alice.sees("[guest-3] \\x1b]52;c;ZXZpbA==\\x07");
  await alice.sees("[guest-3] \ufffd\ufffd(\ufffd");
  assert(!alice.seen.some((line) => line.includes("is now")), "no name has such characters");
  await alice.sees("[guest-3] <script>alert(1)</script>");
});

Deno.test("text in any language arrives as it was typed", async () => {
  const host = rooms();
  await using alice = await joinJson(host);
  await using bob = await Terminal.join(host);
  for (const text of ["Grüße", "日本語", "👩‍👩‍👧", "नमस्ते", "e\u0301", "שלום"]) {
    const bytes = encode(text + "\n");
    for (const byte of bytes) await bob.send(Uint8Array.of(byte));
    await alice.sees(JSON.stringify(text).slice(1, -1));
  }
});

Deno.test("closing the rooms notifies everyone and closes every connection", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await joinJson(host, "/r/tea");
  await soon(host.close("the server is going down"), "close");
  await alice.sees("-- the server is going down");
  await until(() => bob.news("notice").length === 1, "a notice");
});

Deno.test("nobody is notified who else leaves when the rooms are closed", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await Terminal.join(host);
  await using carol = await joinJson(host);
  await soon(host.close("the server is going down"), "close");
  await Promise.allSettled([alice, bob, carol].map((person) => person.left()));
  for (const { seen } of [alice, bob, carol]) {
    assert(seen.at(-1)!.includes("the server is going down"), seen.at(-1));
  }
});

Deno.test("a JSON member's text is well-formed for all", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  await using bob = await joinJson(host);
  await using carol = await joinJson(host);
  await bob.type('{"type": "say", "text": "\\ud800."}');
  await alice.sees("[guest-2] \ufffd.");
  await carol.sees('"text":"\ufffd."');
});

Deno.test("the terminal of the room keeps its name, and sends even if nobody reads its output", async () => {
  const host = rooms();
  await using alice = await Terminal.join(host);
  const [terminal, server] = memoryPair();
  const attending = attendAsServer(server, host, silent);
  await alice.sees("-- server has joined");
  await using bob = await Terminal.join(host);
  for (let i = 0; i < 300; i++) await bob.type("x".repeat(4000));
  await terminal.write(encode("/nick host\nI speak\n"));
  await alice.sees("[server] I speak");
  await alice.type("seen again?");
  let shown = "";
  const buffer = new Uint8Array(64 * 1024);
  while (!shown.endsWith("[guest-1] seen again?\n")) {
    shown += decode(buffer.subarray(0, await soon(terminal.read(buffer), "a line") ?? 0));
  }
  assert(shown.includes("\n-- lines are missing here: too much waited to be shown\n"));
  assert(shown.includes("\n-- this terminal's name stays server\n"));
  await host.close("over");
  await soon(attending, "the end of the terminal");
  terminal.close();
});
