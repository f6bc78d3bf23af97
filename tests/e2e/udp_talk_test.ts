/** `client` and `server` over UDP: datagrams from and to stdin and stdout, ended by silence. */
import { assertEquals, assertMatch } from "@std/assert";
import { UdpPeer } from "../support/udp.ts";
import { Coax, PIPE, run } from "./coax.ts";

Deno.test("echo ping | coax client udp:// prints the answer and exits by itself", async () => {
  await using echo = Coax.start(["echo", "udp://0"]);
  for (const address of await echo.listening(2)) {
    const exit = await run(["client", "--linger", "300ms", address], { stdin: "ping\n" });
    assertEquals([exit.status, exit.out, exit.stderr], [0, "ping\n", ""]);
  }
});

Deno.test("what is read from stdin fits a datagram, however much there is", async () => {
  await using echo = Coax.start(["echo", "udp://0"]);
  const payload = new Uint8Array(150_000).fill(97);
  const args = ["client", "--linger", "500ms", await echo.address()];
  const exit = await run(args, { stdin: payload });
  assertEquals([exit.status, exit.stdout.length], [0, payload.length], exit.stderr);
});

Deno.test("--frame line: a line a datagram; one too long is one error, status 1", async () => {
  using peer = new UdpPeer();
  const lines = ["first", "", "x".repeat(65_507), "y".repeat(65_508), "last"];
  await using client = Coax.start(
    ["client", "-q", "--linger", "100ms", "--frame", "line", `udp://127.0.0.1:${peer.port}`],
    { stdin: lines.map((line) => line + "\n").join("") },
  );
  for (const line of lines.filter(({ length }) => length <= 65_507)) {
    assertEquals(await peer.receiveText(), line);
  }
  const exit = await client.exit();
  assertEquals(exit.status, 1);
  assertMatch(exit.stderr, /^coax: send to 127\.0\.0\.1:\d+: a message longer than a .*\n$/);
});

Deno.test("server udp:// talks to the first peer only, and exits by --idle-timeout", async () => {
  await using server = Coax.start(["server", "-v", "--idle-timeout", "500ms", "udp://0"], {
    stdin: PIPE,
  });
  const address = await server.address();
  using first = new UdpPeer(address);
  using second = new UdpPeer(address);
  await first.send("one\n");
  await server.prints(/one\n/);
  await second.send("two\n");
  await server.logs(/ignoring what 127\.0\.0\.1:\d+/);
  await first.send("three\n");
  await server.prints(/three\n/);
  await server.write("answer");
  assertEquals(await first.receiveText(), "answer");
  const exit = await server.exit();
  assertEquals([exit.status, exit.out], [0, "one\nthree\n"], exit.stderr);
});

Deno.test("server -k udp:// talks to every peer", async () => {
  await using server = Coax.start(["server", "-k", "udp://0"], { stdin: PIPE });
  const address = await server.address();
  using first = new UdpPeer(address);
  using second = new UdpPeer(address);
  await first.send("one\n");
  await server.prints(/one\n/);
  await second.send("two\n");
  await server.prints(/two\n/);
  await server.write("to all");
  assertEquals([await first.receiveText(), await second.receiveText()], ["to all", "to all"]);
});

Deno.test("--expect on UDP: 0 at the match, 9 when the session ends without one", async () => {
  await using echo = Coax.start(["echo", "udp://0"]);
  const address = await echo.address();
  const met = await run(["client", "--send", "ping", "--expect", "p.ng", address]);
  assertEquals(met.status, 0, met.stderr);
  const args = ["client", "--linger", "100ms", "--send", "ping", "--expect", "pong", address];
  assertEquals((await run(args)).status, 9);

  await using server = Coax.start(
    ["server", "--idle-timeout", "200ms", "--expect", "never", "udp://0"],
    { stdin: PIPE },
  );
  using peer = new UdpPeer(await server.address());
  await peer.send("something");
  assertEquals((await server.exit()).status, 9);
});
