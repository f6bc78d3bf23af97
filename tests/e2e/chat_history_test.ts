/** `chat --history-file`: what was said is there after a restart, whatever ended the program. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { Guest } from "./guests.ts";

function open(file: string, options: readonly string[] = [], before: readonly string[] = []): Coax {
  const words = ["chat", "127.0.0.1:0", "--history-file", file, ...options];
  return Coax.start(words, { stdin: PIPE, before });
}

/** Comes in, says lines, and waits until the room has them. */
async function say(room: Coax, ...lines: string[]): Promise<void> {
  using guest = await Guest.join(await room.address());
  for (const line of lines) await guest.type(line);
  await guest.type("/who");
  await guest.sees(/-- here/);
}

/** The history that a newcomer gets. */
async function history(room: Coax): Promise<string[]> {
  using guest = await Guest.join(await room.address());
  await guest.type("/who");
  await guest.sees(/-- here/);
  return guest.memberLines;
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`a room's history is there again after ${signal}`, async () => {
    await using folder = await temporary();
    const file = `${folder.path}/history`;
    for (const round of [1, 2, 3]) {
      await using room = open(file, ["--history", "3"]);
      await say(room, `/nick ann-${round}`, `round ${round}`, `/msg server secret ${round}`);
      room.signal(signal);
      const { status, stderr } = await room.exit();
      assertEquals(status, signal === "SIGTERM" ? 0 : 137, stderr);
    }
    await using room = open(file, ["--history", "3"]);
    await room.prints(/\[ann-3\] round 3\n/);
    assertEquals(await history(room), [1, 2, 3].map((n) => `[ann-${n}] round ${n}`));
    await say(room, "round 4");
    assertEquals((await history(room)).map((line) => line.slice(-7)), [
      "round 2",
      "round 3",
      "round 4",
    ]);
    assert(!Deno.readTextFileSync(file).includes("secret"), "private lines aren't kept");
    if (Deno.build.os !== "windows") assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
  });
}

Deno.test("a guest isn't called as one who speaks in the history of an earlier run", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/history`;
  {
    await using room = open(file);
    await say(room, "hello");
    room.signal("SIGTERM");
    assertEquals((await room.exit()).status, 0);
  }
  await using room = open(file);
  using guest = await Guest.join(await room.address());
  await guest.sees(/^\[guest-1\] hello$/m);
  await guest.type("/who");
  await guest.sees(/^-- here: server, guest-2$/m);
});

Deno.test("a file of histories that others may read is its owner's alone from then on", async () => {
  await using folder = await temporary();
  const [file, link] = [`${folder.path}/history`, `${folder.path}/link`];
  Deno.writeTextFileSync(file, "", { mode: 0o644 });
  Deno.symlinkSync(file, link);
  {
    await using room = open(link);
    await say(room, "hello");
  }
  assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
  assert(Deno.lstatSync(link).isSymlink);
  await using room = open(file);
  assertEquals(await history(room), ["[guest-1] hello"]);
});

Deno.test("a file of histories is written anew while the room goes on", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/history`;
  {
    await using room = open(file, ["--history", "10"]);
    using guest = await Guest.join(await room.address());
    for (let n = 0; n < 40; n++) {
      await guest.type(
        Array.from({ length: 20 }, (_, m) => `${n}.${m} ${"x".repeat(1000)}`).join("\n"),
      );
    }
    await guest.type("last\n/who");
    await guest.sees(/-- here/);
    assert(Deno.statSync(file).size < 400_000);
    room.signal("SIGKILL");
    assertEquals((await room.exit()).stderr.includes("coax: "), false);
  }
  await using room = open(file, ["--history", "10"]);
  const lines = await history(room);
  assertEquals([lines.length, lines.at(-1)], [10, "[guest-1] last"]);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["history"]);
});

/** A file can't grow over 4 KiB, and writing on is an error instead of a signal. */
const SMALL_FILES = ["sh", "-c", `trap '' XFSZ; ulimit -f 8; exec "$@"`, "sh"];

Deno.test("a full disk is said once, and the room goes on", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/history`;
  {
    await using room = open(file, [], SMALL_FILES);
    await say(room, "one", "long ".repeat(800), "long ".repeat(800), "last");
    assertEquals((await history(room)).length, 4);
    room.signal("SIGTERM");
    const { status, stderr } = await room.exit();
    assertEquals(status, 0);
    const errors = stderr.split("\n").filter((line) => line.startsWith("coax: "));
    assertEquals(errors, [
      `coax: write ${file}: file too large; from now on no history is kept there`,
    ]);
  }
  await using room = open(file);
  assertEquals((await history(room))[0], "[guest-1] one");
});

Deno.test("a file that another process uses, or that is something else, is refused", async () => {
  await using folder = await temporary();
  const [file, other] = [`${folder.path}/history`, `${folder.path}/other`];
  await using room = open(file);
  await room.address();
  Deno.writeTextFileSync(other, "precious\n");
  const cases = [
    [file, 10, `coax: open ${file}: another coax keeps its history there`],
    [other, 10, `coax: read ${other}: this is no history of rooms, and stays as it is`],
    [folder.path, 10, `coax: open ${folder.path}: is a directory`],
    [
      `${folder.path}/no/where`,
      10,
      `coax: open ${folder.path}/no/where: no such file or directory; there is no folder ${folder.path}/no`,
    ],
  ] as const;
  for (const [path, status, message] of cases) {
    const exit = await run(["chat", "127.0.0.1:0", "--history-file", path]);
    assertEquals([exit.status, exit.stderr.trim()], [status, message]);
  }
  assertEquals(Deno.readTextFileSync(other), "precious\n");
  await say(room, "still here");
});

Deno.test("a history that would keep nothing is status 2", async () => {
  await using folder = await temporary();
  for (const more of [["--history", "0"], ["--bus", "nats://127.0.0.1:1"]]) {
    const words = ["chat", "0", "--history-file", `${folder.path}/h`, ...more];
    const { status, stderr } = await run(words);
    assertEquals(status, 2);
    assertMatch(stderr, /^coax: --history-file: .* Try 'coax chat --help'/s);
  }
  assertEquals([...Deno.readDirSync(folder.path)], []);
});
