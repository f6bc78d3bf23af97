/** The file of `--history-file`: what comes back from it, whatever has happened to it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HistoryFile } from "../../src/chat/history_file.ts";
import { Announcement } from "../../src/chat/protocol/news.ts";
import { LocalError } from "../../src/core/errors.ts";
import { type Event, Log, silent } from "../../src/core/log.ts";
import { temporary } from "../e2e/coax.ts";

let count = 0;

function line(text: string, room = "main", type: "say" | "me" = "say"): Announcement {
  const id = `test-${++count}`;
  return new Announcement({ type, from: "ann", text, id, room, time: new Date().toISOString() });
}

const texts = (lines: Iterable<Announcement>) => [...lines].map(({ news }) => news.text);

/** Keeps lines in a file as rooms do, and closes it. */
function keep(path: string, lines: readonly Announcement[], kept = 50): void {
  using file = new HistoryFile(path, silent, kept);
  const rooms = new Map<string, Announcement[]>();
  for (const one of lines) {
    const { room } = one.news;
    if (!rooms.has(room)) {
      const history: Announcement[] = [];
      rooms.set(room, history);
      history.push(...file.open(room, history));
    }
    rooms.get(room)!.push(one);
    file.add(one);
  }
}

/** What a room gets back. */
function restored(path: string, room = "main", kept = 50): (string | undefined)[] {
  using file = new HistoryFile(path, silent, kept);
  return texts(file.open(room, []));
}

Deno.test("a history comes back as it was, of each room for itself", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  const said = [line("one"), line("tea", "tea"), line("two\n\tlines"), line("waves", "main", "me")];
  keep(path, said);
  using file = new HistoryFile(path, silent, 50);
  assertEquals(
    file.open("main", []).map(({ news }) => news),
    [said[0], said[2], said[3]].map((one) => one!.news),
  );
  assertEquals(texts(file.open("tea", [])), ["tea"]);
  assertEquals(texts(file.open("main", [])), [], "once");
});

Deno.test("a file that is cut anywhere gives its whole lines, and goes on", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  const said = ["één", "two\nlines", "три", "四"];
  keep(path, said.map((text) => line(text)));
  const whole = Deno.readFileSync(path);
  const isNearEnd = (at: number) => whole.subarray(Math.max(0, at - 2), at + 2).includes(10);
  for (let length = 0; length <= whole.length; length++) {
    if (!isNearEnd(length) && length % 13 > 0) continue; // Opening takes a while on a slow disk.
    Deno.writeFileSync(path, whole.subarray(0, length));
    const lines = whole.subarray(0, length).filter((byte) => byte === 10).length;
    const expected = said.slice(0, Math.max(0, lines - 1));
    keep(path, [line("later")]);
    assertEquals(restored(path), [...expected, "later"], `${length} bytes`);
  }
});

Deno.test("lines that are none are left out, and said", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  keep(path, [line("good")]);
  const bad = [
    "no JSON",
    "{}",
    "null",
    '{"type":"join","from":"ann","room":"main","time":"2026-01-31T12:00:00.000Z","id":"a-1"}',
    JSON.stringify({ ...line("x").news, from: "a b" }),
    JSON.stringify({ ...line("x").news, time: "soon" }),
    JSON.stringify({ ...line("x".repeat(100_000)).news }),
    JSON.stringify({ ...line("x").news, id: 7 }),
  ];
  const hostile = { ...line("x").news, text: "\x1b]0;title\x07\u202e\r" };
  Deno.writeTextFileSync(path, [...bad, JSON.stringify(hostile), ""].join("\n"), { append: true });
  const events: Event[] = [];
  using file = new HistoryFile(path, new Log((event) => events.push(event), "info"), 50);
  assertEquals(texts(file.open("main", [])), ["good", "\\x1b]0;title\\x07\\u{202e}\\r"]);
  assertEquals(events.map(({ text }) => text), [
    `${path}: ${bad.length} lines aren't any of a room, and left out`,
  ]);
});

Deno.test("a file that is something else is refused, and stays as it is", async () => {
  await using folder = await temporary();
  for (const content of ["precious", `{"coax":"other"}\n`, "\n", "x".repeat(1000)]) {
    const path = `${folder.path}/other`;
    Deno.writeTextFileSync(path, content);
    const error = assertThrows(() => new HistoryFile(path, silent, 50), LocalError);
    assertEquals(error.message, `read ${path}: this is no history of rooms, and stays as it is`);
    assertEquals(Deno.readTextFileSync(path), content);
  }
  assertThrows(() => new HistoryFile(folder.path, silent, 50), LocalError, folder.path);
  assertThrows(() => new HistoryFile(`${folder.path}/no/where`, silent, 50), LocalError);
  if (Deno.build.os !== "windows") {
    assertThrows(() => new HistoryFile("/dev/null", silent, 50), LocalError, "a regular file");
  }
});

Deno.test("two keep no history in one file, as long as both live", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  {
    using _ = new HistoryFile(path, silent, 50);
    assertThrows(() => new HistoryFile(path, silent, 50), LocalError, "another coax");
  }
  using file = new HistoryFile(path, silent, 50);
  file.open("main", []);
});

Deno.test("the file is bounded, also while it grows, and has the last lines", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  const history: Announcement[] = [];
  {
    using file = new HistoryFile(path, silent, 50);
    file.open("main", history);
    for (let n = 0; n < 5000; n++) {
      const one = line(`${n} ${"x".repeat(500)}`);
      history.push(one);
      if (history.length > 50) history.shift();
      file.add(one);
      await Promise.resolve(); // A turn each.
      assert(Deno.statSync(path).size < 400_000, `${n} lines`);
    }
    assertThrows(() => new HistoryFile(path, silent, 50), LocalError, "another coax");
  }
  assertEquals(restored(path), texts(history));
  assertEquals(restored(path, "main", 3), texts(history.slice(-3)));
});

Deno.test("rooms that nobody opens stay in the file, up to a number", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  keep(path, Array.from({ length: 40 }, (_, n) => line(`of ${n}`, `r${n}`)));
  keep(path, [line("new")]);
  assertEquals(restored(path, "r39"), ["of 39"]);
  assertEquals(restored(path, "r0"), [], "32 others were used later");
});

/** Says lines until the file has been looked at again. */
async function untilChecked(file: HistoryFile, history: Announcement[], events: Event[]) {
  for (let n = 0; events.length === 0; n++) {
    const one = line(`${n}`);
    history.push(one);
    file.add(one);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert(n < 3000);
  }
}

Deno.test("a file that is removed meanwhile is written anew, with all lines", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  const events: Event[] = [];
  const history: Announcement[] = [line("first")];
  {
    using file = new HistoryFile(path, new Log((event) => events.push(event), "info"), 500);
    file.open("main", history);
    Deno.removeSync(path);
    await untilChecked(file, history, events);
  }
  assertEquals(events.map(({ text }) => text), [`${path} has been removed, and is written anew`]);
  assertEquals(restored(path, "main", 500), texts(history));
});

Deno.test("a file that takes its place meanwhile is left alone", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/history`;
  const events: Event[] = [];
  using file = new HistoryFile(path, new Log((event) => events.push(event), "info"), 50);
  file.open("main", []);
  Deno.renameSync(path, `${path}.old`);
  Deno.writeTextFileSync(path, "precious");
  await untilChecked(file, [], events);
  assertEquals(events.map(({ text }) => text), [
    `write ${path}: another file has taken its place; from now on no history is kept there`,
  ]);
  assertEquals(Deno.readTextFileSync(path), "precious");
});
