/** On a terminal without an input line: a conversation, colours, a peer's control sequences. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { Coax, PIPE, shellLine, temporary } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

const script = {
  name: "script (util-linux)",
  available: available("script", ["--version"], /util-linux/),
};

/**
 * Runs coax on a terminal of its own: what is written to the process is typed, what the terminal
 * shows is its stdout, and its exit status is coax's. `redirect` takes streams off the terminal.
 */
function onTerminal(args: readonly string[], redirect = "", env: Record<string, string> = {}) {
  const line = `stty -echo; ${shellLine(args)} ${redirect}`;
  return Coax.spawn(["script", "-qec", line, "/dev/null"], {
    stdin: PIPE,
    env: { TERM: "dumb", ...env },
  });
}

const CTRL_C = "\x03";
const CTRL_D = "\x04";

testWith(script, "a client on a terminal exits at its peer's EOF", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", peer.address]);
  const conn = await peer.accept();
  await client.prints(/connected to 127\.0\.0\.1:\d+/);
  await send(conn, "hello\n");
  await client.write("typed\n");
  assertEquals(await receiveText(conn, 6), "typed\n");
  conn.close();
  const exit = await client.exit();
  assertEquals(exit.status, 0, exit.out);
  assertMatch(exit.out, /hello\r\n/);
});

testWith(script, "the events of a conversation name the peer in JSON", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", "--log-format", "json", peer.address]);
  const conn = await peer.accept();
  await client.prints(/"event":"ready"/);
  conn.close();
  const { out } = await client.exit();
  const events = out.trim().split("\r\n").map((line) => JSON.parse(line));
  assertEquals(events.map(({ event, peer }) => [event, peer]), [
    ["ready", peer.address],
    ["left", peer.address],
  ]);
});

testWith(script, "Ctrl-D on a terminal half-closes, and the answer still arrives", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", peer.address]);
  using conn = await peer.accept();
  await client.prints(/connected to/);
  await client.write("question\n");
  assertEquals(await receiveText(conn, 9), "question\n");
  await client.write(CTRL_D);
  assertEquals(await receiveText(conn), "");
  await send(conn, "answer\n");
  await conn.closeWrite();
  const exit = await client.exit();
  assertEquals(exit.status, 0);
  assertMatch(exit.out, /answer\r\n/);
});

testWith(script, "Ctrl-C on a terminal ends a client with 130", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", peer.address]);
  using _conn = await peer.accept();
  await client.prints(/connected to/);
  await client.write(CTRL_C);
  assertEquals((await client.exit()).status, 130);
});

testWith(script, "a server on a terminal shows who connects and disconnects", async () => {
  await using server = onTerminal(["server", "127.0.0.1:0"]);
  const [, address] = await server.prints(/listening on (tcp:\/\/[\d.:]+)/);
  const conn = await connectTo(address!);
  await server.prints(/127\.0\.0\.1:\d+ has connected/);
  await server.write("welcome\n");
  assertEquals(await receiveText(conn, 8), "welcome\n");
  conn.close();
  const exit = await server.exit();
  assertEquals(exit.status, 0, exit.out);
  assertMatch(exit.out, /127\.0\.0\.1:\d+ has left/);
});

testWith(script, "with --send, a terminal's stdin is left alone", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", "--send", "only this", peer.address]);
  using conn = await peer.accept();
  await client.write("not this\n");
  assertEquals(await receiveText(conn), "only this");
  await send(conn, "bye");
  await conn.closeWrite();
  assertEquals((await client.exit()).status, 0);
});

/** Sequences that a terminal would obey, and how they are shown. */
const NASTY = [
  "\x1b]8;;http://evil\x07link",
  "\x1b]52;c;ZXZpbA==\x07",
  "\x1b[2J\x1b[31m",
  "\x1bP+q\x1b\\",
  "\u009b31m\u0090",
  "\x08\x7f\x00\r",
  "\u202e\u2066",
].join(" ");

testWith(script, "a peer's control sequences are shown, not obeyed, also cut in two", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", "--color", "never", peer.address]);
  const conn = await peer.accept();
  const bytes = new TextEncoder().encode(NASTY + " end\n");
  for (const byte of bytes) await send(conn, Uint8Array.of(byte));
  conn.close();
  const exit = await client.exit();
  const shown = exit.out.replaceAll("\r\n", "\n");
  const obeyed = [...shown].filter((c) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(c));
  assertEquals(obeyed.filter((char) => char !== "\n"), [], JSON.stringify(shown));
  assertMatch(shown, /\\x1b\]8;;http:\/\/evil\\x07link .*\\x9b31m\\x90 .*\\u\{202e\}.* end\n/);
});

testWith(script, "--raw lets a peer's sequences through", async () => {
  using peer = listenHere();
  await using client = onTerminal(["client", "--raw", peer.address]);
  const conn = await peer.accept();
  await send(conn, "\x1b[31mred\x1b[0m\n");
  conn.close();
  assert((await client.exit()).out.includes("\x1b[31mred\x1b[0m"));
});

testWith(
  script,
  "colour is on for a terminal, and off with NO_COLOR or --color never",
  async () => {
    const address = "unix:/nonexistent/s";
    const variants: [string[], Record<string, string>, boolean][] = [
      [[], {}, true],
      [[], { NO_COLOR: "1" }, false],
      [["--color", "never"], {}, false],
    ];
    for (const [args, env, colored] of variants) {
      const variables = { NO_COLOR: "", ...env };
      await using client = onTerminal(["client", ...args, address], "", variables);
      const exit = await client.exit();
      assertEquals(exit.status, 4);
      assertEquals(exit.out.includes("\x1b["), colored, JSON.stringify(exit.out));
    }
  },
);

testWith(
  script,
  "stdin from a terminal and stdout to a file: the file has the raw bytes",
  async () => {
    await using temp = await temporary();
    const file = `${temp.path}/out`;
    using peer = listenHere();
    await using client = onTerminal(["client", peer.address], `>${file}`);
    const conn = await peer.accept();
    await send(conn, "\x1b[31mraw");
    conn.close();
    assertEquals((await client.exit()).status, 0);
    assertEquals(await Deno.readTextFile(file), "\x1b[31mraw");
  },
);
