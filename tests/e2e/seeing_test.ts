/** stderr and a terminal during a conversation: each fact once, and nothing that breaks a line. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { Coax, PIPE, run, shellLine } from "./coax.ts";
import { listenHere, send } from "./peers.ts";

const script = {
  name: "script (util-linux)",
  available: available("script", ["--version"], /util-linux/),
};

testWith(
  script,
  "-v on a terminal logs once that it is connected, and nothing of rights",
  async () => {
    for (const verbosity of [[], ["-v"]]) {
      using peer = listenHere();
      const line = shellLine(["client", ...verbosity, peer.address]);
      await using client = Coax.spawn(["script", "-qec", line, "/dev/null"], { stdin: PIPE });
      const conn = await peer.accept();
      await client.prints(/type to send/);
      conn.close();
      const { out } = await client.exit();
      assertEquals(out.match(/connected to/g)?.length, 1, out);
      assert(!out.includes("rights"), out);
    }
  },
);

Deno.test("-v logs nothing of rights, -vv does", async () => {
  for (const [verbosity, logged] of [["-v", false], ["-vv", true]] as const) {
    await using echo = Coax.start(["echo", verbosity, "127.0.0.1:0"]);
    await run(["client", await echo.address()], { stdin: "hello" });
    await echo.logs(/\[1\] close /);
    echo.signal("SIGTERM");
    assertEquals((await echo.exit()).stderr.includes("rights"), logged);
  }
});

testWith(script, "U+2028 and U+2029 reach no terminal, however they are cut", async () => {
  for (const more of [[], ["--prefix"]]) {
    using peer = listenHere();
    const line = shellLine(["client", ...more, peer.address]);
    await using client = Coax.spawn(["script", "-qec", line, "/dev/null"], { stdin: PIPE });
    const conn = await peer.accept();
    const bytes = new TextEncoder().encode("a\u2028b\u2029c\n");
    for (const byte of bytes) await send(conn, Uint8Array.of(byte));
    conn.close();
    const { out } = await client.exit();
    assertMatch(out, /a\\u\{2028\}b\\u\{2029\}c/);
    assert(!/[\u2028\u2029]/.test(out), out);
  }
});

Deno.test("U+2028 and U+2029 reach no log, from a peer, a command or the command line", async () => {
  const EVIL = "x\u2028y\u2029z";
  const cases = [
    ["client", "-x", "--send", EVIL, "127.0.0.1:1"],
    ["client", `tcp://${EVIL}:1`],
    ["client", `unix:/nowhere/${EVIL}`],
    ["client", `--${EVIL}`],
    ["client", `exec:exit 1 # ${EVIL}`],
    ["client", "-x", `exec:printf '${EVIL}'`],
    ["explain", EVIL],
    [EVIL],
  ];
  for (const args of cases) {
    for (const format of ["text", "json"]) {
      const { stderr } = await run([...args, "-vv", "--log-format", format]);
      assert(!/[\u2028\u2029]/.test(stderr), `${args}: ${stderr}`);
    }
  }
});

Deno.test("a dump, a log and an error name an address without its secrets", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
  const url = `${await echo.address()}/?a=1;token=abc'HIDDEN`;
  const command = "exec:sh -c cat ?token=HIDDEN";
  for (const [secret, format] of [[url, "text"], [url, "json"], [command, "text"]] as const) {
    const args = ["-x", "-vv", "--log-format", format];
    const client = await run(["client", secret, ...args], { stdin: "x" });
    await using relay = Coax.start(["relay", "127.0.0.1:0", secret, ...args]);
    await relay.logs(/listening on/);
    const port = /tcp:\/\/127\.0\.0\.1:([1-9]\d*)/.exec(relay.stderr)?.[1];
    await run(["client", `127.0.0.1:${port}`, "--linger", "100ms"], { stdin: "x" });
    await relay.logs(/close /);
    for (const shown of [client.stderr, relay.stderr]) {
      assert(!shown.includes("HIDDEN") && shown.includes("***"), shown);
    }
  }
});
