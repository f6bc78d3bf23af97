/** UDP to many hosts at once: multicast groups and broadcast addresses, on this machine. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { unusedUdpPort } from "../support/ports.ts";
import { UdpPeer } from "../support/udp.ts";
import { Coax, PIPE, run } from "./coax.ts";

/** A group for private use (RFC 2365); `--bind` keeps what is sent there on this machine. */
const GROUP = "udp://239.255.67.88";
const ON_LOOPBACK = ["--bind", "127.0.0.1"];

Deno.test("a client hears everyone who answers a multicast question", async () => {
  await using first = Coax.start(["echo", `${GROUP}:0`]);
  const address = await first.address();
  assertMatch(address, /^udp:\/\/239\.255\.67\.88:\d+$/);
  await using second = Coax.start(["echo", address]);
  assertEquals(await second.address(), address);
  const client = await run(["client", ...ON_LOOPBACK, address], { stdin: "hello\n" });
  assertEquals([client.status, client.out], [0, "hello\nhello\n"], client.stderr);
  const wait = await run(["wait", "--once", ...ON_LOOPBACK, address]);
  assertEquals(wait.status, 0, wait.stderr);
});

Deno.test("a relay carries a multicast group on both sides, message by message", async () => {
  await using echo = Coax.start(["echo", `${GROUP}:0`]);
  await using inner = Coax.start(["relay", "udp://0", await echo.address(), ...ON_LOOPBACK]);
  await using outer = Coax.start(["relay", "udp://239.255.67.89:0", await inner.address()]);
  const args = ["client", ...ON_LOOPBACK, await outer.address(), "--frame", "line"];
  const { status, out, stderr } = await run(args, { stdin: "one\ntwo\nthree\n" });
  assertEquals([status, out], [0, "one\ntwo\nthree\n"], stderr);
});

Deno.test("a listener at a group answers from its own address, and gets nothing else", async () => {
  const port = unusedUdpPort();
  await using server = Coax.start(["server", `${GROUP}:${port}`, "-v"], { stdin: PIPE });
  await server.address();
  await server.logs(/join the multicast group 239\.255\.67\.88/);
  using stranger = new UdpPeer(`udp://127.0.0.1:${port}`);
  await stranger.send("not for the group").catch(() => {}); // Refused: nobody has the port there.
  await using client = Coax.start(["client", ...ON_LOOPBACK, await server.address(), "-vv"], {
    stdin: PIPE,
  });
  await client.write("question\n");
  await server.prints(/^question\n$/);
  await server.write("answer\n");
  await client.prints(/^answer\n$/);
  await client.logs(/receive from 127\.0\.0\.1:\d+/);
});

Deno.test({
  name: "a broadcast address takes --broadcast, and then everyone who answers is heard",
  ignore: lacks("socket calls by libc"),
  async fn() {
    await using echo = Coax.start(["echo", "udp://0.0.0.0:0"]);
    const port = (await echo.address()).split(":").at(-1);
    for (const host of ["127.255.255.255", "255.255.255.255"]) {
      const refused = await run(["client", `udp://${host}:${port}`], { stdin: "hello\n" });
      assertEquals([refused.status, refused.out], [4, ""]);
      assertEquals(
        refused.stderr,
        `coax: connect udp://${host}:${port}: it is a broadcast address: ` +
          "--broadcast lets datagrams go there\n",
      );
    }
    const address = `udp://127.255.255.255:${port}`;
    const { status, out, stderr } = await run(["client", "--broadcast", ...ON_LOOPBACK, address], {
      stdin: "hello\n",
    });
    assertEquals([status, out], [0, "hello\n"], stderr);
    await using relay = Coax.start(["relay", "udp://0", address, "--broadcast", ...ON_LOOPBACK]);
    const relayed = await run(["client", await relay.address()], { stdin: "hello\n" });
    assertEquals([relayed.status, relayed.out], [0, "hello\n"], relayed.stderr);
  },
});

Deno.test({
  name: "--broadcast leaves one host one host, whose refusal is heard",
  ignore: lacks("socket calls by libc"),
  async fn() {
    const address = `udp://127.0.0.1:${unusedUdpPort()}`;
    const { status, stderr } = await run(["client", "--broadcast", address], { stdin: "x" });
    assertEquals(status, 4);
    assertMatch(stderr, /connection refused/);
  },
});

Deno.test("a group where nobody listens is silence: status 0, as UDP has no end", async () => {
  const started = performance.now();
  const address = `${GROUP}:${unusedUdpPort()}`;
  const { status, out, stderr } = await run(["client", ...ON_LOOPBACK, address], { stdin: "x" });
  assertEquals([status, out], [0, ""], stderr);
  assert(performance.now() - started >= 1000);
});
