/** `--expect`, and how a connection can end before anything has matched. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, NULL, PIPE, run, temporary } from "./coax.ts";

/** A target that says something else, and stays. */
const STAYS = "sh:echo no; sleep 9";

/** Peers, the options of their client, and how the connection with each ends. */
const PEERS: readonly [name: string, args: string[], options: string[], end: string][] = [
  ["a FIN", ["relay", "127.0.0.1:0", "sh:echo no"], [], "the end came"],
  ["a FIN of a Unix socket", ["relay", "unix:./s", "sh:echo no"], [], "the end came"],
  [
    "close_notify",
    ["relay", "tls://127.0.0.1:0", "sh:echo no", "--self-signed"],
    ["--insecure"],
    "the end came",
  ],
  [
    "a reset",
    ["relay", "127.0.0.1:0", STAYS, "--reset-after", "300ms"],
    [],
    "reset by peer,",
  ],
  [
    "a reset of TLS",
    ["relay", "tls://127.0.0.1:0", STAYS, "--reset-after", "300ms", "--self-signed"],
    ["--insecure"],
    "reset by peer,",
  ],
  ["Close 1000", ["server", "ws://127.0.0.1:0", "--send", "no"], [], "the end came"],
  [
    "Close 4000",
    ["server", "ws://127.0.0.1:0", "--send", "no", "--close", "4000:bye"],
    [],
    "closed with 4000: bye,",
  ],
  [
    "a WebSocket's reset",
    ["relay", "ws://127.0.0.1:0", STAYS, "--reset-after", "300ms"],
    [],
    "closed with 1006: [^,]*,",
  ],
];

for (const [name, args, options, end] of PEERS) {
  Deno.test(`${name} before --expect matches is status 9, and the line says so`, async () => {
    await using folder = await temporary();
    await using peer = Coax.start(args, { stdin: NULL, cwd: folder.path });
    const words = ["client", await peer.address(), ...options, "--recv-only", "--expect", "ready"];
    const { status, stderr, out } = await run(words, { stdin: NULL, cwd: folder.path });
    assertMatch(stderr, new RegExp(`(?:^|\n)coax: expect \\S+: ${end} before .* /ready/\n$`));
    assertEquals([status, out.trim()], [9, "no"]);
  });
}

Deno.test("a command that fails before --expect matches is status 9, and a match is 0", async () => {
  const failed = await run(["client", "sh:echo no; exit 3", "--expect", "ready"]);
  assertMatch(failed.stderr, /^coax: expect sh:.*: .*exited with 3, before .* \/ready\/\n$/);
  assertEquals(failed.status, 9);
  const matched = await run(["client", "sh:echo ready; exit 3", "--expect", "ready"]);
  assertEquals([matched.status, matched.stderr], [0, ""]);
});

Deno.test("a server's --expect is status 9, too, when its client sends an error as Close", async () => {
  const args = ["ws://127.0.0.1:0", "--expect", "ready"];
  await using server = Coax.start(["server", ...args], { stdin: { kind: "pipe" } });
  const closing = ["--send", "no", "--close", "4001"];
  assertEquals((await run(["client", await server.address(), ...closing])).status, 0);
  const { status, stderr } = await server.exit();
  assertMatch(stderr, /\ncoax: .*expect \S+: closed with 4001, before .* \/ready\/\n$/);
  assertEquals(status, 9);
});

for (const more of [[], ["-k"]]) {
  for (const visited of [false, true]) {
    const title = ["server", ...more, visited ? "with a visitor" : "alone"].join(" ");

    Deno.test(`SIGTERM is the end without a match: ${title}`, async () => {
      const args = ["server", "127.0.0.1:0", "--expect", "yes", "--grace", "50ms", ...more];
      await using server = Coax.start(args, { stdin: PIPE });
      const address = await server.address();
      await using client = visited ? Coax.start(["client", address], { stdin: PIPE }) : undefined;
      if (client) {
        await client.write("no");
        await server.prints(/no/);
      }
      server.signal("SIGTERM");
      const { status, stderr } = await server.exit();
      assertMatch(
        stderr,
        /^coax: expect 127\.0\.0\.1:0: stopped before anything matched \/yes\/$/m,
      );
      assertEquals(status, 9);
    });
  }
}

Deno.test("SIGTERM after a match is none", async () => {
  const args = ["server", "127.0.0.1:0", "--expect", "yes", "--grace", "50ms"];
  await using server = Coax.start(args, { stdin: PIPE });
  await using client = Coax.start(["client", await server.address()], { stdin: PIPE });
  await client.write("yes");
  await server.prints(/yes/);
  server.signal("SIGTERM");
  assertEquals((await server.exit()).status, 0);
});
