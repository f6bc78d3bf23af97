/** Ladder diagrams of what was recorded: printed, and as pictures. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import stringWidth from "string-width";
import { available, testWith } from "../interop/peer_program.ts";
import { textsOf } from "../ladder/xml.ts";
import { Coax, NULL, run, shellLine, temporary } from "./coax.ts";
import { unusedPort } from "./peers.ts";

/** English, whatever the machine speaks. */
const ENGLISH = { LC_ALL: "C.UTF-8", NO_COLOR: "" };

/** The rows of a drawing without times and lines: `→ connect (SYN)`, `← 5 B "pong"`, `● retry`. */
function rowsOf(drawing: string): string[] {
  return drawing.split("\n").slice(5).filter(Boolean).map((line) => {
    const way = /[▶✕]/.test(line) ? /◀/.test(line) ? "↔" : "→" : /◀/.test(line) ? "←" : "";
    const text = line.replace(/^ *[\d.]+ m?s/, "").replace(/[│╎├┤┼─╌━═┄▶◀╵]+/g, " ");
    return `${way} ${text.trim().replace(/ +/g, " ")}`.trim();
  });
}

/** Draws a recording and returns what is printed. */
async function draw(path: string, ...options: string[]): Promise<string> {
  const exit = await run(["replay", path, "--draw", ...options], { env: ENGLISH });
  assertEquals([exit.status, exit.stderr], [0, ""]);
  return exit.out;
}

Deno.test("client, server and relay each draw the conversation from where they stand", async () => {
  await using temp = await temporary();
  const file = (name: string) => `${temp.path}/${name}`;
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--record", file("echo")]);
  const relaying = ["relay", "--once", "127.0.0.1:0", await echo.address()];
  await using relay = Coax.start([...relaying, "--record", file("relay")]);
  const talking = ["client", await relay.address(), "--record", file("client")];
  assertEquals((await run(talking, { stdin: "ping\n" })).out, "ping\n");
  assertEquals((await relay.exit()).status, 0);
  echo.signal("SIGTERM");
  await echo.exit();

  // The answer may come before or after the client's EOF: each direction is in order.
  const ways = (drawing: string) =>
    ["→", "←"].map((way) => rowsOf(drawing).filter((row) => row.startsWith(way)));
  const there = ['→ "ping\\n" 5 B', "→ end of stream (FIN)"];
  const back = ["← accept (SYN, ACK)", '← 5 B "ping\\n"', "← end of stream (FIN)"];
  assertEquals(ways(await draw(file("client"))), [["→ connect (SYN)", ...there], back]);
  assertEquals(ways(await draw(file("echo"))), [
    ["→ connect (SYN, ACK)", ...there],
    back.slice(1),
  ]);
  const relayed = await draw(file("relay"));
  assertEquals(ways(relayed), [["→ connect (SYN, ACK)", "→ connect (SYN)", ...there], back]);
  assertEquals(rowsOf(relayed).at(-1), "closed");
  const target = (await echo.address()).replace("tcp://", "");
  assertMatch(relayed, new RegExp(`client .* relay \\(coax\\) .* target .*\n.* ${target} │\n`));
});

Deno.test("attempts that were refused stand before the one that wasn't", async () => {
  await using temp = await temporary();
  const port = unusedPort();
  const talking = ["client", `127.0.0.1:${port}`, "--retry", "forever", "--retry-delay", "50ms"];
  await using client = Coax.start([...talking, "--record", `${temp.path}/r`], { stdin: NULL });
  await client.logs(/trying again/);
  await using server = Coax.start(["server", `127.0.0.1:${port}`], { stdin: NULL });
  assertEquals((await client.exit()).status, 0);
  await server.exit();
  const rows = rowsOf(await draw(`${temp.path}/r`));
  assertEquals(rows.slice(0, 2), ["→ connect (SYN)", "← refused (RST)"]);
  assertMatch(rows[2]!, /^● tries again in \d+(\.\d)? ms$/);
  assert(rows.includes("← accept (SYN, ACK)"), rows.join("\n"));
});

Deno.test("handshakes of TLS and WebSocket are arrows, and datagrams need none", async () => {
  await using temp = await temporary();
  const addresses = ["tls://127.0.0.1:0", "ws://127.0.0.1:0/x", "udp://127.0.0.1:0"];
  await using echo = Coax.start(["echo", ...addresses, "--self-signed"]);
  const find = async (scheme: string) =>
    (await echo.logs(new RegExp(`listening on (${scheme}://\\S+)`)))[1]!;
  const drawn = async (address: string, ...options: string[]) => {
    const path = `${temp.path}/${address.slice(0, 3)}`;
    await run(["client", address, "--record", path, ...options], { stdin: "hi\n" });
    return rowsOf(await draw(path));
  };
  const tls = await drawn(await find("tls"), "--insecure");
  assertMatch(tls[2]!, /^↔ TLS handshake in [\d.]+ m?s$/);
  const ws = await drawn(await find("ws"), "--linger", "50ms");
  assertEquals(ws.slice(2, 6), [
    "→ GET /x",
    "← HTTP/1.1 101 Switching Protocols",
    '→ "hi" 2 B',
    '← 2 B "hi"',
  ]);
  assertEquals(ws.slice(-2), ["→ Close 1000", "closed"]);
  const udp = await drawn(await find("udp"), "--linger", "50ms");
  assertEquals(udp[0], "● UDP: no handshake");
  assertEquals(udp.filter((row) => /SYN|FIN|RST/.test(row)), []);
});

Deno.test("a reset is drawn as one, by whom it was sent", async () => {
  await using temp = await temporary();
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const relaying = ["relay", "127.0.0.1:0", await echo.address(), "--reset-after", "3"];
  await using relay = Coax.start([...relaying, "--record", `${temp.path}/relay`]);
  const talking = ["client", await relay.address(), "--record", `${temp.path}/client`];
  assertEquals((await run(talking, { stdin: "hello\n" })).status, 1);
  relay.signal("SIGTERM");
  await relay.exit();
  const client = rowsOf(await draw(`${temp.path}/client`));
  assertEquals(client.slice(-2), ["← reset (RST)", "closed"]);
  const relayed = rowsOf(await draw(`${temp.path}/relay`));
  assertMatch(relayed.at(-5)!, /^● fault: ended after 3 bytes to/);
  assertEquals(relayed.slice(-3), ["← reset (RST)", "→ reset (RST)", "closed"]);
});

/** A recording made by hand. */
const HOSTILE = [
  { event: "open", dir: "in", peer: "\x1b[2J<b>:1" },
  { event: "data", dir: "in", text: "\x1b]0;pwned\x07</text><script>\u202e 漢字" },
  { event: "half-close", dir: "in" },
].map((event, i) => JSON.stringify({ t: i / 10, id: 1, ...event }) + "\n").join("");

Deno.test("colors, language and explanations are as asked for", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  await Deno.writeTextFile(path, HOSTILE);
  const drawing = async (options: string[], env: Record<string, string>) =>
    (await run(["replay", path, "--draw", ...options], { env })).out;
  assert(!(await drawing([], ENGLISH)).includes("\x1b"));
  assertMatch(await drawing(["--color", "always"], ENGLISH), /\x1b\[35m/);
  assert(!(await drawing(["--color", "always"], { ...ENGLISH, NO_COLOR: "1" })).includes("\x1b"));
  for (
    const [options, env, expected] of [
      [[], ENGLISH, /end of stream/],
      [[], { LC_ALL: "", LC_MESSAGES: "", LANG: "zh_CN.UTF-8" }, /流结束/],
      [[], { LC_ALL: "de_DE.UTF-8", LANG: "zh_CN.UTF-8" }, /end of stream/],
      [["--lang", "zh"], ENGLISH, /流结束/],
      [["--lang", "en"], { LC_ALL: "zh_TW" }, /end of stream/],
      [["--explain"], ENGLISH, /^Time runs down.*says so\. It can still/s],
      [["--explain", "--lang", "zh"], ENGLISH, /它仍能接收/],
    ] as [string[], Record<string, string>, RegExp][]
  ) {
    assertMatch(await drawing(options, env), expected, options.join(" "));
  }
});

Deno.test("a picture goes to stdout, or to a file that is never overwritten unforced", async () => {
  await using temp = await temporary();
  const [path, file] = [`${temp.path}/r`, `${temp.path}/r.svg`];
  await Deno.writeTextFile(path, HOSTILE);
  const replay = (...words: string[]) => run(["replay", path, ...words], { env: ENGLISH });
  const { out, status } = await replay("--svg");
  assertEquals(status, 0);
  const texts = textsOf(out).filter(({ tag }) => tag === "text").map(({ text }) => text);
  assert(texts.includes('"\\x1b]0;pwned\\x07</text><script>\\u{202e} 漢字"'), texts.join("\n"));
  assertEquals((await replay("--svg", file)).status, 0);
  assertEquals(await Deno.readTextFile(file), out);
  assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
  const again = await replay("--svg", file);
  assertEquals(again.status, 10);
  assertMatch(again.stderr, /r\.svg: the file exists; --force overwrites it\n$/);
  assertEquals((await replay("--svg", file, "--force", "--explain")).status, 0);
  assertMatch(await Deno.readTextFile(file), /It can still receive/);
});

Deno.test("bad uses of drawing are one line with status 2", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  await Deno.writeTextFile(path, HOSTILE);
  for (
    const [words, expected] of [
      [["--explain"], /^coax: --explain: needs --draw or --svg\. Try/],
      [["--lang", "zh", "7007"], /^coax: --lang: needs --draw or --svg\. Try/],
      [["--draw", "--lang", "fr"], /^coax: --lang fr: expected one of en, zh\. Try/],
      [["--draw", "--svg"], /^coax: --svg: needs a FILE beside --draw/],
      [["--connection", "1", "7007"], /^coax: --connection: needs --draw or --svg\. Try/],
      [["--draw", "--connection", "0"], /^coax: --connection 0: expected a whole number of at/],
      [["--draw", "--connection", "x"], /^coax: --connection x: expected a whole number of at/],
      [[], /^coax: ADDRESS: missing, as in coax replay .* Try/],
    ] as [string[], RegExp][]
  ) {
    const { status, stderr } = await run(["replay", path, ...words]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, expected);
  }
});

const script = {
  name: "script (util-linux)",
  available: available("script", ["--version"], /util-linux/),
};

testWith(
  script,
  "a drawing fits the terminal, in its colors, and hostile bytes do nothing",
  async () => {
    await using temp = await temporary();
    const path = `${temp.path}/r`;
    await Deno.writeTextFile(path, HOSTILE);
    for (const columns of [40, 66, 100]) {
      const line = `stty cols ${columns}; ${shellLine(["replay", path, "--draw"])}`;
      await using process = Coax.spawn(["script", "-qec", line, "/dev/null"], { env: ENGLISH });
      const { out } = await process.exit();
      const lines = out.split("\r\n");
      // deno-lint-ignore no-control-regex
      const plain = lines.map((line) => line.replace(/\x1b\[\d+m/g, ""));
      assertEquals(Math.max(...plain.map((line) => stringWidth(line))), columns, out);
      assert(plain.every((line) => !/\p{C}/u.test(line)), JSON.stringify(plain));
      assertMatch(out, /\x1b\[33m/);
    }
  },
);
