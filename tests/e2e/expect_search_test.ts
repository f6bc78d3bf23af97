/** `--expect` with an expression whose search would last for years: everything else goes on. */
import { assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { Coax, type Exit, PIPE } from "./coax.ts";
import { connectTo, listenHere, send } from "./peers.ts";

const ENDLESS = "(x+x+)+y";
const XS = "x".repeat(200);

const CASES: readonly [options: string[], status: number, line: RegExp][] = [
  [["--within", "1s"], 9, /^coax: expect \S+: nothing within 1 s matched \/\(x\+x\+\)\+y\/\n$/],
  [["--idle-timeout", "1s"], 5, /^coax: idle \S+: no byte for 1 s\n$/],
];

for (const [options, status, line] of CASES) {
  Deno.test(`${options.join(" ")} ends a client whose --expect searches for ever`, async () => {
    const exit = await searching(options);
    assertEquals(exit.status, status, exit.stderr);
    assertMatch(exit.stderr, line);
    assertEquals(exit.out, XS);
  });
}

Deno.test("SIGTERM ends a client whose --expect searches for ever, after a word of warning", async () => {
  const exit = await searching([], async (coax) => {
    await coax.logs(/--expect: the search for \/\(x\+x\+\)\+y\/ has taken 2 s/);
    coax.signal("SIGTERM");
  });
  assertEquals(exit.status, 143);
});

/** A client that has been sent what its expression can't be done with. */
async function searching(
  options: string[],
  act: (coax: Coax) => Promise<void> = async () => {},
  expression = ENDLESS,
): Promise<Exit> {
  using peer = listenHere();
  const args = ["client", "--expect", expression, ...options, peer.address];
  await using coax = Coax.start(args, { stdin: PIPE });
  using conn = await peer.accept();
  await send(conn, XS);
  await coax.prints(/x{200}/);
  await act(coax);
  return await coax.exit();
}

Deno.test("a visitor for whom --expect searches for ever goes, and another's text matches", async () => {
  const args = ["-k", "--expect", ENDLESS, "--idle-timeout", "2s", "127.0.0.1:0"];
  await using server = Coax.start(["server", ...args], { stdin: PIPE });
  const address = await server.address();
  using bad = await connectTo(address);
  await send(bad, XS);
  await server.prints(/x{200}/);
  await server.logs(/no byte for 2 s/);
  using good = await connectTo(address);
  await send(good, "xxy\n");
  await server.end();
  const exit = await server.exit();
  assertEquals(exit.status, 0, exit.stderr);
});

Deno.test("--within ends a client whose --expect has no repetition, but a choice of many", async () => {
  const choices = "(x|x)".repeat(40) + "y";
  const exit = await searching(["--within", "1s"], undefined, choices);
  assertEquals(exit.status, 9, exit.stderr);
});

Deno.test({
  name: "a server without descriptors for a search waits for them, and finds the match",
  ignore: lacks("programs of Debian"),
  async fn() {
    const args = ["server", "-k", "--expect", "xx+y", "127.0.0.1:0"];
    const before = ["prlimit", "--nofile=64"];
    await using server = Coax.start(args, { stdin: PIPE, before });
    const address = await server.address();
    using talker = await connectTo(address);
    const others = await Promise.all(Array.from({ length: 70 }, () => connectTo(address)));
    await server.logs(/too many open files/);
    await send(talker, "xxxy\n");
    await server.prints(/xxxy/);
    await server.logs(/too many open files[^]*too many open files/);
    for (const other of others) other.close();
    const exit = await server.exit();
    assertEquals(exit.status, 0, exit.stderr);
  },
});
