/** UDP between processes: echo, relay and the sessions of both. */
import { lacks } from "../support/parts.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run } from "./coax.ts";
import { unusedUdpPort } from "../support/ports.ts";
import { sockets } from "../support/process.ts";
import { UdpPeer } from "../support/udp.ts";
import { until } from "../support/wait.ts";
import { randomBytes } from "./peers.ts";

Deno.test("echo udp:// prints its address, answers whole, and exits with status 0", async () => {
  await using echo = Coax.start(["echo", "udp://0"]);
  const [four, six] = await echo.listening(2);
  assertMatch(`${four} ${six}`, /^udp:\/\/127\.0\.0\.1:(\d+) udp:\/\/\[::1\]:\1$/);
  using peer = new UdpPeer(four!);
  for (const size of [0, 1, 1024, 65_507]) {
    const data = randomBytes(size);
    await peer.send(data);
    assertEquals(await peer.receive(), data);
  }
  echo.signal("SIGTERM");
  const exit = await echo.exit();
  assertEquals(exit.status, 0, exit.stderr);
});

Deno.test("relay carries UDP to UDP, each peer by a socket of its own", async () => {
  await using echo = Coax.start(["echo", "-v", "udp://0"]);
  await using relay = Coax.start(["relay", "udp://0", await echo.address()]);
  const address = await relay.address();
  const peers = Array.from({ length: 20 }, () => new UdpPeer(address));
  for (const round of ["a", "b"]) {
    const answers = await Promise.all(peers.map((peer, i) => peer.ask(`${round}${i}`)));
    assertEquals(answers, peers.map((_, i) => `${round}${i}`));
  }
  for (const size of [0, 1, 65_507]) {
    const data = randomBytes(size);
    await peers[0]!.send(data);
    assertEquals(await peers[0]!.receive(), data);
  }
  const accepted = new Set([...echo.stderr.matchAll(/accept (127\S+)/g)].map(([, peer]) => peer));
  assertEquals(accepted.size, peers.length);
  for (const peer of peers) peer[Symbol.dispose]();
});

Deno.test("a relay gives each peer the answers to a burst, all and in order", async () => {
  await using echo = Coax.start(["echo", "udp://0"]);
  for (const from of ["udp://127.0.0.1:0", "udp://[::1]:0", "udp://0.0.0.0:0", "udp://[::]:0"]) {
    await using relay = Coax.start(["relay", from, await echo.address()]);
    const address = await relay.address();
    using peers = new DisposableStack();
    const host = from.includes("[") ? "::1" : "127.0.0.1";
    const asking = Array.from({ length: 10 }, () => peers.use(new UdpPeer(address, 0, host)));
    const burst = Array.from({ length: 100 }, (_, i) => `${i}`);
    for (const peer of asking) assertEquals(await peer.ask("hello"), "hello");
    for (const text of burst) for (const peer of asking) await peer.send(text);
    for (const peer of asking) {
      const answers: string[] = [];
      for (const _ of burst) answers.push(await peer.receiveText());
      assertEquals(answers, burst, from);
    }
  }
});

Deno.test({
  name: "silence closes a relay's UDP sessions without an error, and frees their sockets",
  ignore: lacks("/proc"),
  async fn() {
    await using echo = Coax.start(["echo", "udp://0"]);
    const target = await echo.address();
    await using relay = Coax.start(["relay", "-v", "--idle-timeout", "300ms", "udp://0", target]);
    const address = await relay.address();
    const before = sockets(relay.pid);
    {
      using first = new UdpPeer(address);
      using second = new UdpPeer(address);
      // Again where a slow machine has closed the first peer's session before the second began.
      await until(async () => {
        assertEquals(await first.ask("one"), "one");
        assertEquals(await second.ask("two"), "two");
        return sockets(relay.pid) >= before + 2;
      }, "a socket for each of two sessions");
      await relay.logs(/\[1\] .*silent for 0\.3 s/);
      await relay.logs(/\[2\] .*silent for 0\.3 s/);
    }
    await until(() => sockets(relay.pid) <= before, "the sockets' end");
    assert(!relay.stderr.includes("coax:"), relay.stderr);
  },
});

Deno.test("an empty datagram has no first byte, and only one of all has it", async () => {
  await using echo = Coax.start(["echo", "-vv", "udp://127.0.0.1:0"]);
  using peer = new UdpPeer(await echo.address());
  for (const text of ["", "", "x", "y", ""]) assertEquals(await peer.ask(text), text);
  await echo.logs(/read 0 bytes[^]*read 0 bytes[^]*read 0 bytes/);
  assertEquals(echo.stderr.match(/receive: first byte/g)?.length, 1);
  assertEquals(echo.stderr.match(/send: first byte/g)?.length, 1);
  assertMatch(echo.stderr, /first byte from \S+\n\[1\] read 1 bytes/);
});

Deno.test("silent UDP peers keep no TCP client out", async () => {
  await using echo = Coax.start(["echo", "-m", "2", "127.0.0.1:0", "udp://127.0.0.1:0"]);
  const [tcp, udp] = await echo.listening(2);
  using first = new UdpPeer(udp);
  using second = new UdpPeer(udp);
  assertEquals(await first.ask("a"), "a");
  assertEquals(await second.ask("b"), "b");
  const exit = await run(["client", tcp!], { stdin: "hello" });
  assertEquals([exit.status, exit.out], [0, "hello"]);
});

Deno.test("a signal waits for no UDP session, which only silence closes", async () => {
  using target = new UdpPeer();
  const commands = [["echo", "udp://0"], ["server", "-k", "udp://0"]];
  commands.push(["relay", "udp://0", `udp://127.0.0.1:${target.port}`]);
  for (const words of commands) {
    await using listener = Coax.start([...words, "-v", "--grace", "1h"], { stdin: PIPE });
    using peer = new UdpPeer(await listener.address());
    await peer.send("x");
    await listener.logs(/receive: first byte from/);
    listener.signal("SIGTERM");
    const exit = await listener.exit();
    assertEquals(exit.status, 0, exit.stderr);
    assert(!exit.stderr.includes("may finish"), exit.stderr);
  }
});

Deno.test("a relay's client reaches a UDP target that comes up later", async () => {
  const port = unusedUdpPort();
  await using relay = Coax.start(["relay", "-v", "udp://0", `udp://127.0.0.1:${port}`]);
  using peer = new UdpPeer(await relay.address());
  await peer.send("lost: nobody is there");
  await relay.logs(/coax: \[1\] send to 127\.0\.0\.1:\d+: connection refused\n/);

  using target = new UdpPeer(undefined, port);
  await peer.send("hello");
  assertEquals(await target.receiveText(), "hello");
});

Deno.test("two listeners can't have one UDP port; a name without address is status 3", async () => {
  await using echo = Coax.start(["echo", "udp://0"]);
  const taken = await run(["echo", await echo.address()]);
  assertEquals(taken.status, 4);
  assertMatch(
    taken.stderr,
    /^coax: listen udp:\/\/127\.0\.0\.1:\d+: address in use(?:; \S+ \(process \d+\) has it)?\n$/,
  );
  assertEquals((await run(["client", "udp://nosuch.invalid:9"])).status, 3);
  assertEquals((await run(["client", "udp://127.0.0.1:0"])).status, 2);
});

Deno.test({
  name: "a UDP listener at one address answers from it, whatever the routes give",
  ignore: lacks("127.0.0.2"),
  async fn() {
    await using echo = Coax.start(["echo", "udp://127.0.0.2:0", "udp://127.0.0.3:0"]);
    for (const address of await echo.listening(2)) {
      const { status, out } = await run(["client", "--linger", "300ms", address], { stdin: "x" });
      assertEquals([status, out], [0, "x"]);
    }
  },
});

Deno.test({
  name: "a UDP listener at every interface answers from the address that the peer used",
  ignore: lacks("socket calls by libc"),
  async fn() {
    await using echo = Coax.start(["echo", "udp://:0"]);
    const port = (await echo.listening(2))[0]!.split(":").at(-1);
    for (const host of ["127.0.0.1", "127.0.0.2", "127.1.2.3", "[::1]"]) {
      const args = ["client", "--linger", "300ms", `udp://${host}:${port}`];
      const { status, out } = await run(args, { stdin: "x" });
      assertEquals([host, status, out], [host, 0, "x"]);
    }
  },
});
