/** Recordings: what is written, and what is played back. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, NULL, PIPE, run, temporary } from "./coax.ts";
import { connectTo, receive, receiveText, send, soon, unusedPort } from "./peers.ts";
import { until } from "../support/wait.ts";

interface Line {
  t: number;
  id: number;
  event: string;
  dir?: string;
  text?: string;
  base64?: string;
  at?: string;
  code?: number;
}

function linesOf(path: string): Line[] {
  return Deno.readTextFileSync(path).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** The bytes of each side on all connections together. */
function recordedBytes(path: string): { in: string; out: string } {
  const all = { in: "", out: "" };
  for (const { dir, text = "", base64 = "" } of linesOf(path)) {
    if (dir) all[dir as "in" | "out"] += text + atob(base64);
  }
  return all;
}

type Written = Omit<Line, "t" | "id"> & Partial<Line>;

/** A recording made by hand. */
function write(path: string, lines: readonly Written[]): void {
  const text = lines.map((line) => JSON.stringify({ t: 0, id: 1, ...line }) + "\n");
  Deno.writeTextFileSync(path, text.join(""));
}

Deno.test("client, relay, server and echo record one conversation alike", async () => {
  await using temp = await temporary();
  const file = (name: string) => `${temp.path}/${name}`;
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--record", file("echo")]);
  await using relay = Coax.start(
    ["relay", "--once", "127.0.0.1:0", await echo.address(), "--record", file("relay")],
  );
  const exit = await run(
    ["client", await relay.address(), "--record", file("client")],
    { stdin: "ping\n" },
  );
  assertEquals([exit.status, exit.out], [0, "ping\n"]);
  assertEquals((await relay.exit()).status, 0);
  echo.signal("SIGTERM");
  assertEquals((await echo.exit()).status, 0);
  for (const name of ["client", "relay", "echo"]) {
    assertEquals(recordedBytes(file(name)), { in: "ping\n", out: "ping\n" }, name);
    const events = linesOf(file(name)).map(({ event, dir }) => `${event} ${dir}`);
    for (const event of ["data in", "data out", "half-close in", "half-close out"]) {
      assert(events.includes(event), `${event} in ${name}: ${events}`);
    }
    assertEquals(Deno.statSync(file(name)).mode! & 0o777, 0o600);
  }

  await using server = Coax.start(
    ["server", "127.0.0.1:0", "--record", file("server")],
    { stdin: "from the server" },
  );
  await run(["client", await server.address()], { stdin: "from the client" });
  assertEquals((await server.exit()).status, 0);
  assertEquals(recordedBytes(file("server")), { in: "from the client", out: "from the server" });
});

Deno.test("a recording never replaces a file unless forced, and is tried before anything else", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  Deno.writeTextFileSync(file, "precious");
  const port = `${unusedPort()}`;
  const exit = await run(["client", port, "--record", file]);
  assertEquals(exit.status, 10);
  assertMatch(exit.stderr, /^coax: create .*\/r: the file exists; --force overwrites it\n$/);
  assertEquals(Deno.readTextFileSync(file), "precious");
  assertEquals((await run(["client", port, "--record", file, "--force"])).status, 4);
  assertEquals(Deno.readTextFileSync(file), "");

  const fresh = `${temp.path}/fresh`;
  for (const [address, status] of [["nonsense", 2], [port, 4], [port, 4]] as const) {
    assertEquals((await run(["client", address, "--record", fresh])).status, status);
  }
});

/** A file can't grow over 4 KiB, and writing on is an error instead of a signal. */
const SMALL_FILES = ["sh", "-c", `trap '' XFSZ; ulimit -f 8; exec "$@"`, "sh"];

Deno.test("a file that can't grow stops the recording, not the traffic, and is status 10", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  await using echo = Coax.start(["echo", "0", "--record", file], { before: SMALL_FILES });
  const address = await echo.address();
  for (const text of ["one", "long ".repeat(2000), "three"]) {
    const exit = await run(["client", address], { stdin: text });
    assertEquals([exit.status, exit.out], [0, text]);
  }
  echo.signal("SIGTERM");
  const { status, stderr } = await echo.exit();
  assertEquals(status, 10);
  const errors = stderr.split("\n").filter((line) => line.startsWith("coax: "));
  assertEquals(errors, [`coax: record ${file}: file too large; the recording ends here`]);
  const played = await run(["replay", file, "--pcap", `${temp.path}/r.pcap`]);
  assertEquals(played.status, 0, played.stderr);
});

Deno.test("a failed conversation counts before a recording cut short", async () => {
  await using temp = await temporary();
  await using echo = Coax.start(["echo", "0"]);
  const recorded = ["--record", `${temp.path}/r`, "--send", "long ".repeat(2000)];
  for (const time of [[], ["--within", "500ms"]]) {
    const words = [
      "client",
      await echo.address(),
      ...recorded,
      "--force",
      "--expect",
      "x",
      ...time,
    ];
    const { status, stderr } = await run(words, { before: SMALL_FILES });
    assertEquals(status, 9, stderr);
    assertMatch(stderr, /^coax: record .*: file too large; the recording ends here$/m);
  }
});

const isRoot = Deno.uid() === 0;

Deno.test(
  { name: "a recording on a full disk can be played up to that point", ignore: !isRoot },
  async () => {
    await using temp = await temporary();
    const program = (words: string[]) =>
      new Deno.Command(words[0]!, { args: words.slice(1) }).output();
    await program(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", temp.path]);
    try {
      const file = `${temp.path}/r`;
      const payload = "line of text\n".repeat(20_000);
      await using echo = Coax.start(["echo", "0", "--record", file]);
      const exit = await run(["client", await echo.address()], { stdin: payload });
      assertEquals([exit.status, exit.out === payload], [0, true]);
      echo.signal("SIGTERM");
      const { status, stderr } = await echo.exit();
      assertEquals(status, 10);
      assertMatch(stderr, /^coax: record .*: no space left on device; the recording ends here$/m);
      assertEquals(Deno.statSync(file).size, 65_536);

      await using other = Coax.start(["echo", "0"]);
      const played = await run(["replay", file, await other.address(), "--check"]);
      assertEquals(played.status, 0, played.stderr);
    } finally {
      await program(["umount", temp.path]);
    }
  },
);

Deno.test("events are in the file even if the program is killed", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--record", file]);
  using conn = await connectTo(await echo.address());
  await send(conn, "last words");
  assertEquals(await receiveText(conn, 10), "last words");
  echo.signal("SIGKILL");
  await echo.exit();
  assertEquals(recordedBytes(file), { in: "last words", out: "last words" });
});

/** Asks twice, each time after the answer, and half-closes. */
const DIALOGUE: readonly Written[] = [
  { event: "open", dir: "in" },
  { event: "data", dir: "in", text: "one\n" },
  { event: "data", dir: "out", text: "one\n" },
  { event: "data", dir: "in", base64: "/wA=" },
  { event: "half-close", dir: "in" },
  { event: "data", dir: "out", base64: "/wA=" },
  { event: "half-close", dir: "out" },
  { event: "close", dir: "out" },
];

Deno.test("replay sends what the clients sent, and --check finds no difference", async () => {
  await using temp = await temporary();
  const [file, again] = [`${temp.path}/r`, `${temp.path}/again`];
  write(file, [1, 2].flatMap((id) => DIALOGUE.map((line) => ({ ...line, id }))));
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--record", again]);
  const exit = await run(["replay", file, await echo.address(), "--check"]);
  assertEquals(exit.status, 0, exit.stderr);
  assertMatch(exit.stderr, /\[1\] replayed connection 1: sent 6, received 6 bytes\n/);
  assertMatch(exit.stderr, /\[2\] replayed connection 2: sent 6, received 6 bytes\n/);
  echo.signal("SIGTERM");
  await echo.exit();
  for (const side of ["in", "out"]) {
    const did = (path: string) =>
      linesOf(path).filter(({ dir, event }) => dir === side && event !== "open")
        .map(({ id, event, text, base64 }) => ({ id, event, text, base64 }));
    assertEquals(did(again), did(file));
  }
});

Deno.test("replay --check shows the first difference as a hexdump of both, status 9", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  write(file, DIALOGUE);
  await using upper = Coax.start(["relay", "127.0.0.1:0", "exec:tr a-z A-Z"]);
  const address = await upper.address();
  const args = ["replay", file, address, "--check", "--idle-timeout", "200ms"];
  const silent = await run(args);
  assertEquals(silent.status, 9); // tr answers only after EOF, which waits for an answer.
  assertMatch(silent.stderr, /coax: \[1\] check .*: connection 1: 0 of 6 recorded bytes came\n$/);

  write(file, DIALOGUE.toSpliced(2, 1, { event: "data", dir: "out", text: "two\n" }));
  await using echo = Coax.start(["echo", "0"]);
  const exit = await run(["replay", file, await echo.address(), "--check", "-q"]);
  assertEquals(exit.status, 9);
  const row = (hex: string, text: string) => `00000000  ${hex.padEnd(48)}  |${text}|`;
  assertEquals(exit.stderr.split("\n").map((line) => line.replace(/check \S+:/, "check …:")), [
    "[1] - recorded",
    `[1] - ${row("74 77 6f 0a ff 00", "two...")}`,
    "[1] + received",
    `[1] + ${row("6f 6e 65 0a", "one.")}`,
    "coax: [1] check …: connection 1: byte 0 differs from the recording",
    "",
  ]);

  const json = ["replay", file, await echo.address(), "--check", "--log-format", "json"];
  const { stderr } = await run(json);
  const events = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    events.map(({ level, event, status }) => [level, event, status]),
    [...Array(4).fill(["info", "dump", undefined]), ["error", "failed", 9]],
  );
});

Deno.test("replay --serve answers as the server did, several at once, and exits after the last", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  const lines = [1, 2].flatMap((id) => [
    { id, event: "open", dir: "in" },
    { id, event: "data", dir: "in", text: "who?" },
    { id, event: "data", dir: "out", text: `number ${id}` },
    { id, event: "half-close", dir: "in" },
    { id, event: "half-close", dir: "out" },
    { id, event: "close", dir: "out" },
  ]);
  write(file, lines);
  await using server = Coax.start(["replay", file, "--serve", "127.0.0.1:0", "--check"]);
  const address = await server.address();
  using first = await connectTo(address);
  using second = await connectTo(address);
  for (const [conn, number] of [[second, 2], [first, 1]] as const) {
    await send(conn, "who?");
    assertEquals(await receiveText(conn, 8), `number ${number}`);
  }
  using third = await connectTo(address);
  assertEquals(await receive(third), new Uint8Array(), "there were two");
  for (const conn of [first, second]) {
    await conn.closeWrite();
    assertEquals(await receive(conn), new Uint8Array());
  }
  const exit = await server.exit();
  assertEquals(exit.status, 0, exit.stderr);
});

Deno.test("replay --serve --check exits with 9 when a client sends something else", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  write(file, DIALOGUE);
  await using server = Coax.start(["replay", file, "--serve", "127.0.0.1:0", "--check"]);
  await run(["client", "-q", await server.address()], { stdin: "once\n" });
  const exit = await server.exit();
  assertEquals(exit.status, 9);
  assertMatch(exit.stderr, /byte 2 differs from the recording\n$/);
});

Deno.test("a recording of UDP is played as datagrams, on both sides", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  const made = `${temp.path}/made`;
  write(file, [
    { event: "open", dir: "in" },
    ...["one", "", "ü"].flatMap((text) => [
      { event: "message", dir: "in", text },
      { event: "message", dir: "out", text },
    ]),
    { event: "close", dir: "in" },
  ]);
  await using echo = Coax.start(["echo", "udp://127.0.0.1:0", "--record", made, "--grace", "0s"]);
  const exit = await run(["replay", file, await echo.address(), "--check", "--speed", "max"]);
  assertEquals(exit.status, 0, exit.stderr);
  echo.signal("SIGTERM");
  await echo.exit();
  assertEquals(
    linesOf(made).slice(0, -1).map(({ event, dir, text }) => ({ event, dir, text })).slice(1),
    linesOf(file).slice(1, -1).map(({ event, dir, text }) => ({ event, dir, text })),
  );

  await using server = Coax.start(["replay", made, "--serve", "udp://127.0.0.1:0", "--check"]);
  const address = await server.address();
  const peer = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const port = Number(address.split(":").at(-1));
  for (const text of ["one", "", "ü"]) {
    const bytes = new TextEncoder().encode(text);
    await peer.send(bytes, { transport: "udp", hostname: "127.0.0.1", port });
    assertEquals((await soon(peer.receive(), "an answer"))[0], bytes);
  }
  peer.close();
  assertEquals((await server.exit()).status, 0);
});

Deno.test("a recording is exported without an address, and never over a file unless forced", async () => {
  await using temp = await temporary();
  const [file, capture] = [`${temp.path}/r`, `${temp.path}/r.pcap`];
  write(file, DIALOGUE);
  const args = ["replay", file, "--pcap", capture];
  assertEquals((await run(args)).status, 0);
  const bytes = Deno.readFileSync(capture);
  assertEquals(bytes.subarray(0, 4).toHex(), "a1b2c3d4");
  const refused = await run(args);
  assertEquals(refused.status, 10);
  assertMatch(refused.stderr, /--force/);
  assertEquals((await run([...args, "--force"])).status, 0);
});

Deno.test("replay without an address, without a recording, or with a broken one", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  write(file, DIALOGUE);
  const lines: [args: string[], status: number, stderr: RegExp][] = [
    [["replay", file], 2, /^coax: ADDRESS: missing, as in .*\. Try 'coax replay --help'\n$/],
    [["replay", file, "9", "--speed", "0"], 2, /--speed 0: expected a number.*or max/],
    [["replay", "/nonexistent/r", "9"], 10, /^coax: read \/nonexistent\/r: no such file/],
    [["replay", "/dev/null", "9"], 10, /^coax: read \/dev\/null: no connection was recorded\n$/],
    [["replay", file, `${unusedPort()}`], 4, /^coax: \[1\] connect \d+: connection refused\n$/],
  ];
  for (const [args, status, stderr] of lines) {
    const exit = await run(args);
    assertEquals(exit.status, status);
    assertMatch(exit.stderr, stderr);
  }
  Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace('"text"', '"test"'));
  const exit = await run(["replay", file, "9"]);
  assertEquals(exit.status, 10);
  assertMatch(exit.stderr, /^coax: read .*\/r: line 2: expected either "text" or "base64"\n$/);
});

Deno.test("SIGINT ends a replay at once, also with --serve", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  write(file, DIALOGUE.map((line, i) => ({ ...line, t: i * 1000 })));
  await using server = Coax.start(["replay", file, "--serve", "127.0.0.1:0"]);
  await using client = Coax.start(["replay", "-v", file, await server.address()]);
  await client.logs(/connected to/);
  for (const coax of [client, server]) {
    coax.signal("SIGINT");
    assertEquals((await coax.exit()).status, 130);
  }
});

Deno.test("a server that waits for stdin records what it sent first", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  await using server = Coax.start(["server", "127.0.0.1:0", "--record", file], { stdin: PIPE });
  using conn = await connectTo(await server.address());
  await server.write("220 ready\r\n");
  assertEquals(await receiveText(conn, 11), "220 ready\r\n");
  await send(conn, "QUIT\r\n");
  await server.prints(/QUIT/);
  await conn.closeWrite();
  await server.end();
  assertEquals((await server.exit()).status, 0);
  assertEquals(linesOf(file).map(({ event, dir, text }) => [event, dir, text]).slice(0, 3), [
    ["open", "in", undefined],
    ["data", "out", "220 ready\r\n"],
    ["data", "in", "QUIT\r\n"],
  ]);
});

Deno.test("a client's Close 4001 is recorded as the client's, and played back as it was", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  const args = ["--log-format", "json", "-v", "ws://127.0.0.1:0"];
  await using recorded = Coax.start(["echo", "--record", file, ...args]);
  const address = async (echo: Coax) => (await echo.logs(/"listening".*?(ws:[^"]*)/))[1]!;
  const client = ["client", "--close", "4001", "--send", "hello", await address(recorded)];
  await run(client, { stdin: NULL });
  await recorded.logs(/"code":4001/);
  await until(() => linesOf(file).some(({ event }) => event === "close"), "the close");
  const { dir, code } = linesOf(file).find(({ event }) => event === "close")!;
  assertEquals([dir, code], ["in", 4001]);

  await using echo = Coax.start(["echo", ...args]);
  const replayed = await run(["replay", file, await address(echo), "--check"]);
  assertEquals(replayed.status, 0, replayed.stderr);
  await echo.logs(/Close from 127\.0\.0\.1:\d+: 4001/);
});

Deno.test("a server's Close 4001 is recorded as the server's, and played back by it", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  const args = [
    "server",
    "--close",
    "4001",
    "--linger",
    "0s",
    "--send",
    "hello",
    "ws://127.0.0.1:0",
  ];
  await using server = Coax.start(args);
  const address = await server.address();
  const first = await run(["client", "--linger", "1h", "--record", file, address]);
  assertEquals([first.status, first.out], [8, "hello\n"], first.stderr);
  const { dir, at } = linesOf(file).find(({ event }) => event === "open")!;
  assertEquals([dir, at], ["in", "out"]);
  const close = linesOf(file).find(({ event }) => event === "close")!;
  assertEquals([close.dir, close.code], ["out", 4001]);

  await using played = Coax.start(["replay", file, "--serve", "ws://127.0.0.1:0"]);
  const second = await run(["client", "--linger", "1h", await played.address()]);
  assertEquals([second.status, second.out], [8, "hello\n"], second.stderr);
  assertMatch(second.stderr, /closed with 4001/);
});
