/** stderr: the life of a socket, quiet, JSON, colour, dumps, and escaping. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

/** Asserts that each pattern matches a line after the one before. */
function assertInOrder(text: string, patterns: readonly RegExp[]): void {
  let rest = text.split("\n");
  for (const pattern of patterns) {
    const at = rest.findIndex((line) => pattern.test(line));
    assert(at >= 0, `${pattern} comes next in:\n${text}`);
    rest = rest.slice(at + 1);
  }
}

const SUMS = (sent: number, received: number) =>
  new RegExp(
    `close 127\\.0\\.0\\.1:\\d+: sent ${sent} bytes, received ${received} bytes in [\\d.]+ s`,
  );

Deno.test("-v logs each step of a socket's life on both sides", async () => {
  await using server = Coax.start(["server", "-v", "127.0.0.1:0"], { stdin: "pong\n" });
  const address = await server.address();
  const client = await run(["client", "-v", address], { stdin: "ping!\n" });
  assertInOrder(client.stderr, [
    /^create a TCP socket$/,
    /^connect tcp:\/\/127\.0\.0\.1:\d+$/,
    /^connected to 127\.0\.0\.1:\d+$/,
    SUMS(6, 5),
  ]);
  assertMatch(client.stderr, /^send: first byte/m);
  assertMatch(client.stderr, /^receive: first byte/m);
  assertMatch(client.stderr, /is done sending, after 5 bytes$/m);
  assertMatch(client.stderr, /^we are done sending to 127\.0\.0\.1:\d+, after 6 bytes$/m);
  const { stderr } = await server.exit();
  assertInOrder(stderr, [
    /^create a TCP socket$/,
    /^bind tcp:\/\/127\.0\.0\.1:0$/,
    /^listen on port \d+$/,
    /^listening on tcp:\/\/127\.0\.0\.1:\d+$/,
    /^\[1\] accept 127\.0\.0\.1:\d+ on 127\.0\.0\.1:\d+$/,
    SUMS(5, 6),
  ]);
  for (const step of [/receive: first byte/, /send: first byte/, /is done sending, after 6/]) {
    assertMatch(stderr, step);
  }
});

Deno.test("-v logs that a name is resolved, and -vv each read and write", async () => {
  using peer = listenHere();
  const port = peer.address.split(":")[1]!;
  await using client = Coax.start(["client", "-vv", `localhost:${port}`], { stdin: "hello" });
  using conn = await peer.accept();
  assertEquals(await receiveText(conn), "hello");
  await send(conn, "hi");
  await conn.closeWrite();
  const { stderr } = await client.exit();
  assertMatch(stderr, /^resolve localhost\nlocalhost is /m);
  assertMatch(stderr, /^write 5 bytes to 127\.0\.0\.1:\d+$/m);
  assertMatch(stderr, /^read 2 bytes from 127\.0\.0\.1:\d+$/m);
});

Deno.test("-q logs no success", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const exit = await run(["client", "-q", await echo.address()], { stdin: "x" });
  assertEquals([exit.status, exit.stderr], [0, ""]);
  await using quiet = Coax.start(["echo", "-q", "0"]);
  quiet.signal("SIGTERM");
  assertEquals((await quiet.exit()).stderr, "");
});

Deno.test("--log-format json is one object a line, with ids, addresses and sums", async () => {
  const args = ["echo", "-v", "--log-format", "json", "127.0.0.1:0"];
  await using echo = Coax.start(args);
  const [, address] = await echo.logs(/"event":"listening".*"address":"([^"]*)"/);
  await run(["client", address!], { stdin: "hello" });
  await echo.logs(/"event":"close".*\n/);
  echo.signal("SIGTERM");
  const { stderr } = await echo.exit();
  const events = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  const names = events.map(({ event }) => event);
  const wanted = ["create", "bind", "listen", "listening", "accept", "first-byte", "half-close"];
  for (const name of [...wanted, "close"]) assert(names.includes(name), `${name} in ${names}`);
  for (const { time, level, event, message } of events) {
    assertEquals(new Date(time).toISOString(), time);
    for (const text of [level, event, message]) assertEquals(typeof text, "string");
  }
  const close = events.find(({ event }) => event === "close");
  assertEquals([close.id, close.sent, close.received], [1, 5, 5]);
  assertMatch(close.peer, /^127\.0\.0\.1:\d+$/);
});

Deno.test("-x shows what is on the wire, both ways", async () => {
  using peer = listenHere();
  const args = ["client", "-q", "-x", "--crlf", peer.address];
  await using client = Coax.start(args, { stdin: "A\nbyte \x01 \u00e9, sixteen and more\n" });
  using conn = await peer.accept();
  const sent = await receiveText(conn);
  assert(sent.startsWith("A\r\nbyte"));
  await send(conn, Uint8Array.from([0, 0xff, 0x1b, 0x5d]));
  await conn.closeWrite();
  const { stderr } = await client.exit();
  assertEquals(new TextDecoder().decode(dumped(stderr, ">")), sent);
  assertEquals(dumped(stderr, "<"), Uint8Array.from([0, 0xff, 0x1b, 0x5d]));
  assertMatch(stderr, /^< 00000000 {2}00 ff 1b 5d +\|\.\.\.\]\|$/m);
});

/** The bytes in a dump of one direction. */
function dumped(stderr: string, arrow: string): Uint8Array {
  const rows = stderr.split("\n").filter((l) => new RegExp(`^${arrow} [0-9a-f]{8} `).test(l));
  const hex = rows.map((row) => row.slice(12, 60).replaceAll(" ", "")).join("");
  return Uint8Array.fromHex(hex);
}

Deno.test("a relay's dump marks with > what is from its client, and -x of an echo numbers its connections", async () => {
  await using echo = Coax.start(["echo", "-x", "127.0.0.1:0"]);
  await using relay = Coax.start(["relay", "-x", "127.0.0.1:0", await echo.address()]);
  await run(["client", await relay.address()], { stdin: "hello" });
  const port = (await echo.address()).split(":").at(-1);
  await relay.logs(
    new RegExp(`> [\\d:.]{12} 127\\.0\\.0\\.1:\\d+ → 127\\.0\\.0\\.1:${port}, 5 bytes`),
  );
  await relay.logs(
    new RegExp(`< [\\d:.]{12} 127\\.0\\.0\\.1:${port} → 127\\.0\\.0\\.1:\\d+, 5 bytes`),
  );
  await echo.logs(/\[1\] < 00000000 {2}68 65 6c 6c 6f/);
  await echo.logs(/\[1\] > 00000000 {2}68 65 6c 6c 6f/);
});

Deno.test("colour is for terminals, --color decides otherwise, and NO_COLOR counts always", async () => {
  const colour = /\x1b\[/;
  const lines: [args: string[], env: Record<string, string>, colored: boolean][] = [
    [[], {}, false],
    [["--color", "always"], { NO_COLOR: "" }, true],
    [["--color", "always"], { NO_COLOR: "1" }, false],
    [["--color", "never"], {}, false],
    [["--color", "always", "--log-format", "json"], {}, false],
  ];
  for (const [args, env, colored] of lines) {
    const exit = await run(["client", ...args, "unix:/nonexistent/s"], { env });
    assertEquals(colour.test(exit.stderr), colored, `${args}: ${exit.stderr}`);
  }
});

Deno.test("what a peer sends stays raw on a pipe, and is escaped in the log", async () => {
  const nasty = "\x1b]8;;http://x\x07link\x1b\\ \x9b31m \x00 \u202e \n";
  using peer = listenHere();
  await using client = Coax.start(["client", "-vv", "-x", peer.address], { stdin: PIPE });
  const conn = await peer.accept();
  await send(conn, nasty);
  conn.close();
  await client.end();
  const exit = await client.exit();
  assertEquals(exit.out, nasty);
  assertHarmless(exit.stderr);
});

Deno.test("output of a child and arguments are escaped in the log, one event a line", async () => {
  const nasty = "unix:/nonexistent/\x1b]52;c;x\x07\n\x9bcoax: faked\u202e";
  for (const format of ["text", "json"]) {
    const exit = await run(["client", "--log-format", format, nasty]);
    assertEquals(exit.status, 4);
    assertEquals(exit.stderr.split("\n").length, 2, exit.stderr);
    assertHarmless(exit.stderr);
    if (format === "json") assertEquals(JSON.parse(exit.stderr).address, nasty);
  }
});

/** No control character but the newlines that end events. */
function assertHarmless(log: string): void {
  const found = [...log].filter((char) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(char));
  assertEquals(found.filter((char) => char !== "\n"), [], JSON.stringify(log));
}

Deno.test("a second and a third connection have their own numbers", async () => {
  await using echo = Coax.start(["echo", "-v", "0"]);
  const address = await echo.address();
  for (const id of [1, 2, 3]) {
    using conn = await connectTo(address);
    await send(conn, "x");
    await conn.closeWrite();
    assertEquals(await receiveText(conn), "x");
    await echo.logs(new RegExp(`\\[${id}\\] close 127.*: sent 1 bytes?, received 1 bytes?`));
  }
});

Deno.test("a token in a WebSocket's URL is in neither side's log, and reaches the server", async () => {
  for (const format of ["text", "json"]) {
    const options = ["-vv", "--log-format", format];
    await using server = Coax.start(["server", ...options, "ws://127.0.0.1:0"]);
    const [, address] = await server.logs(/listening on (ws:\/\/127\.0\.0\.1:\d+)/);
    const client = await run(["client", ...options, `${address}/x?a=1&token=s3cret`]);
    assertEquals(client.status, 0, client.stderr);
    const { stderr } = await server.exit();
    for (const log of [client.stderr, stderr]) {
      assertMatch(log, /\/x\?a=1&token=\*\*\*/);
      assert(!log.includes("s3cret"), log);
    }
  }
});

Deno.test("the address to paste keeps its token", async () => {
  await using server = Coax.start(["server", "ws://127.0.0.1:0/x?token=s3cret"]);
  assertMatch(await server.address(), /\?token=s3cret$/);
});

Deno.test("JSON names the first byte the same in both directions, and says which", async () => {
  await using echo = Coax.start(["echo", "-v", "--log-format", "json", "127.0.0.1:0"]);
  const [, address] = await echo.logs(/"event":"listening","address":"([^"]+)"/);
  await run(["client", address!], { stdin: "hello" });
  await echo.logs(/"event":"close"/);
  const events = echo.stderr.trim().split("\n").map((line) => JSON.parse(line));
  const first = events.filter(({ event }) => event === "first-byte");
  assertEquals(first.map(({ direction }) => direction), ["in", "out"]);
  assertEquals(events.filter(({ event }) => event === "send" || event === "rights"), []);
});
