/** Who may listen at a gate, and what happens when one side is gone. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { below, generator } from "../support/random.ts";
import { Coax, run, temporary } from "./coax.ts";
import { GATE_KINDS, PLAIN, SECRET, TestGate } from "./gates.ts";
import { connectTo, receiveText, send, soon, unusedPort } from "./peers.ts";

for (const kind of GATE_KINDS) {
  Deno.test(`a wrong secret is status 7 after a second, and binds nothing, over ${kind.name}`, async () => {
    await using gate = await TestGate.open(kind);
    const port = unusedPort();
    const start = performance.now();
    const { status, stderr } = await run(["echo", ...gate.words(port, "wrong"), "-vv"]);
    assertEquals(status, 7, stderr);
    assert(performance.now() - start > 1000);
    assertMatch(stderr, /gate .*: the secret is wrong$/m);
    await gate.coax.logs(/^(?:\[\d+\] )?refused 127\.0\.0\.1:\d+: the secret is wrong$/m);
    assertEquals((await run(["wait", `127.0.0.1:${port}`, "--timeout", "300ms"])).status, 5);
    for (const text of [stderr, gate.coax.stderr]) assert(!text.includes(SECRET), text);
  });
}

Deno.test("a secret is needed on both sides, and comes from a file", async () => {
  assertMatch((await run(["gate", "0"])).stderr, /^coax: --secret: missing/);
  const { status, stderr } = await run(["echo", "gate://127.0.0.1:1/2"]);
  assertEquals(status, 2);
  assertStringIncludes(stderr, `"gate://127.0.0.1:1/2": needs --secret TEXT or --secret @FILE`);
  for (const [given, reason] of [["", "isn't empty"], ["@/nowhere/x", "can't be read"]] as const) {
    const exit = await run(["gate", "0", "--secret", given]);
    assertEquals(exit.status, 2);
    assertStringIncludes(exit.stderr, reason);
  }
  await using folder = await temporary();
  await Deno.writeTextFile(`${folder.path}/s`, `${SECRET}\n`);
  await using gate = await TestGate.open(PLAIN);
  await using echo = Coax.start(["echo", ...gate.words(0, `@${folder.path}/s`)]);
  assertEquals((await run(["client", await echo.address()], { stdin: "x" })).out, "x");
});

Deno.test("a gate is no listener for datagrams", async () => {
  for (const address of ["udp://0", "unixgram:gate.sock"]) {
    const { status, stderr } = await run(["gate", address, "--secret", SECRET]);
    assertEquals([status, /datagrams don't carry a gate/.test(stderr)], [2, true], stderr);
  }
});

Deno.test("a right secret behind others' wrong ones from the same address is late, not refused", async () => {
  await using gate = await TestGate.open(PLAIN);
  const N = "ab".repeat(32);
  const guesses = await Promise.all(Array.from({ length: 8 }, async () => {
    const conn = await connectTo(`tcp://127.0.0.1:${gate.port}`);
    await send(conn, `{"gate":1,"nonce":"${N}"}\n{"listen":0,"proof":"${N}"}\n`);
    return conn;
  }));
  await using echo = Coax.start(["echo", ...gate.words()]);
  assertEquals((await run(["client", await echo.address()], { stdin: "x" })).out, "x");
  for (const guess of guesses) {
    assertMatch(await soon(receiveText(guess), "an answer"), /"the secret is wrong"/);
    guess.close();
  }
});

Deno.test("a port that can't be had is status 7, and the gate says why", async () => {
  await using gate = await TestGate.open(PLAIN, "--ports", "2000-60000", "--max-listeners", "1");
  const refused = async (port: number) => {
    const { status, stderr } = await run(["echo", ...gate.words(port)]);
    assertEquals(status, 7, stderr);
    return stderr;
  };
  assertMatch(await refused(1999), /port 1999 isn't among 2000-60000 \(--ports\)/);
  assertMatch(await refused(gate.port), /address in use/);
  await using _echo = Coax.start(["echo", ...gate.words()]);
  await _echo.address();
  assertMatch(await refused(0), /1 listen already \(--max-listeners\)/);
});

Deno.test("a listener that ends frees its port at once, and the gate's end is a listener's pause", async () => {
  const port = unusedPort();
  const at = { ...PLAIN, at: `127.0.0.1:${unusedPort()}` };
  const gate = await TestGate.open(at);
  const first = Coax.start(["echo", ...gate.words(port)]);
  await first.address();
  first.signal("SIGKILL");
  await gate.coax.logs(new RegExp(`doesn't listen on port ${port} any more`));
  await using echo = Coax.start(["echo", ...gate.words(port)]);
  const address = await echo.address();
  await gate[Symbol.asyncDispose]();
  await echo.logs(/the gate has ended; trying again|reset by peer; trying again/);
  await using _again = await TestGate.open(at);
  await echo.logs(/^listening on \S+ again$/m);
  assertEquals((await run(["client", address], { stdin: "x" })).out, "x");
  echo.signal("SIGTERM");
  assertEquals((await echo.exit()).status, 0);
});

Deno.test({
  name: "open connections go on while their listener is silent, and the port is free again",
  ignore: lacks("/proc"),
  async fn() {
    await using gate = await TestGate.open(PLAIN);
    const port = unusedPort();
    await using echo = Coax.start(["echo", ...gate.words(port)]);
    using visitor = await connectTo(await echo.address());
    await send(visitor, "a");
    assertEquals(await receiveText(visitor, 1), "a");
    echo.signal("SIGSTOP");
    await gate.coax.logs(new RegExp(`doesn't listen on port ${port} any more`), 30_000);
    await using other = Coax.start(["echo", ...gate.words(port)]);
    await other.address();
    echo.signal("SIGCONT");
    await send(visitor, "b");
    assertEquals(await receiveText(visitor, 1), "b");
    await echo.logs(/address in use; trying again/);
  },
});

Deno.test("a file of a secret that is no text is refused: others would look the same", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/s`;
  await Deno.writeFile(file, Uint8Array.of(0x61, 0xff, 0x0a));
  for (
    const args of [
      ["gate", "127.0.0.1:0", "--secret", `@${file}`],
      ["echo", "gate://127.0.0.1:1", "--secret", `@${file}`],
      ["relay", "127.0.0.1:0", "socks5:", "--auth", `@${file}`],
      ["control", "127.0.0.1:0", "--token", `@${file}`],
    ]
  ) {
    const { status, stderr } = await run(args);
    assertEquals(status, 2);
    const option = args.at(-2);
    assertStringIncludes(
      stderr,
      `coax: ${option} @${file}: expected a text in UTF-8; base64 makes`,
    );
  }
});

Deno.test("whatever else comes to a gate is closed, and the gate goes on", async () => {
  await using gate = await TestGate.open(PLAIN, "--handshake-timeout", "1s");
  const address = `tcp://127.0.0.1:${gate.port}`;
  const random = generator(11);
  const N = "ab".repeat(32);
  const lines = [
    "",
    "\n",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "x".repeat(5000),
    `{"gate":2,"nonce":"${N}"}\n`,
    `{"gate":1,"nonce":"${N}"}\n{"listen":0}\n`,
    `{"gate":1,"nonce":"${N}"}\n{"listen":0,"proof":"${N}"}\n`,
    `{"gate":1,"take":"${"cd".repeat(16)}","nonce":"${N}","proof":"${N}"}\nmore`,
    ...Array.from(
      { length: 40 },
      () =>
        String.fromCharCode(
          ...Array.from({ length: below(random, 90) }, () => below(random, 128)),
        ) +
        "\n",
    ),
  ];
  await Promise.all(lines.map(async (line) => {
    using conn = await connectTo(address);
    await send(conn, line);
    const answer = await soon(receiveText(conn).catch(() => ""), JSON.stringify(line));
    assertMatch(
      answer,
      /^(?:\{"nonce":"[0-9a-f]{64}"\}\n)?(?:\{"error":"the secret is wrong"\}\n)?$/,
    );
  }));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await using echo = Coax.start(["echo", ...gate.words()]);
  assertEquals((await run(["client", await echo.address()], { stdin: "x" })).out, "x");
  gate.coax.signal("SIGTERM");
  assertEquals((await gate.coax.exit()).status, 0);
});
