/** Connecting: retries, families, deadlines. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, run, temporary } from "./coax.ts";
import { exited, listenHere, receiveText, send, unusedPort } from "./peers.ts";

Deno.test("--retry connects to a server that comes up later", async () => {
  await using temp = await temporary();
  const address = `unix:${temp.path}/later`;
  for (const retry of ["1000", "forever"]) {
    const args = ["client", "--retry", retry, "--retry-delay", "10ms", address];
    await using client = Coax.start(args, { stdin: "hello" });
    await client.logs(/connect unix:.*: no such file.*; trying again in 0\.0 s\n/);
    await using echo = Coax.start(["echo", address]);
    const exit = await client.exit();
    assertEquals([exit.status, exit.out], [0, "hello"]);
    echo.signal("SIGTERM");
    await echo.exit();
  }
});

Deno.test("--retry N gives up after N retries, with the status of the last", async () => {
  const address = `127.0.0.1:${unusedPort()}`;
  const exit = await run(["client", "--retry", "3", "--retry-delay", "10ms", address]);
  assertEquals(exit.status, 4);
  const lines = exit.stderr.trimEnd().split("\n");
  assertEquals(lines.length, 4, exit.stderr);
  assertMatch(lines[3]!, /^coax: connect .*: connection refused$/);
});

Deno.test("a relay with --retry waits for its target", async () => {
  await using temp = await temporary();
  const target = `unix:${temp.path}/target`;
  const args = ["relay", "--retry", "forever", "--retry-delay", "10ms", "0", target];
  await using relay = Coax.start(args);
  await using client = Coax.start(["client", await relay.address()], { stdin: "hello" });
  await relay.logs(/trying again/);
  await using _echo = Coax.start(["echo", target]);
  const exit = await client.exit();
  assertEquals([exit.status, exit.out], [0, "hello"]);
});

Deno.test("a relay whose target refuses closes the connection, logs it and goes on", async () => {
  const target = `127.0.0.1:${unusedPort()}`;
  await using relay = Coax.start(["relay", "0", target]);
  for (const id of [1, 2]) {
    const exit = await run(["client", "-q", await relay.address()]);
    assertEquals(exit.out, "");
    await relay.logs(new RegExp(`coax: \\[${id}\\] connect ${target}: connection refused\\n`));
  }
  assert(relay.running);
});

Deno.test("-4 and -6 choose the family, of a name and of loopback", async () => {
  await using echo = Coax.start(["echo", "0"]);
  const port = (await echo.address()).split(":").at(-1)!;
  for (const [flag, peer] of [["-4", "127.0.0.1"], ["-6", "[::1]"]] as const) {
    const exit = await run(["client", "-v", flag, port], { stdin: "hello" });
    assertEquals([exit.status, exit.out], [0, "hello"]);
    assert(exit.stderr.includes(`connected to ${peer}:${port}`), exit.stderr);
  }
  const wrong = await run(["client", "-6", `127.0.0.1:${port}`]);
  assertEquals(wrong.status, 3);
  assertMatch(wrong.stderr, /^coax: resolve 127\.0\.0\.1:\d+: .*IPv6.*\n$/);
});

Deno.test("an address without a host tries both families of this machine", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    using listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr;
    for (const address of [`${port}`, `:${port}`, `localhost:${port}`]) {
      await using client = Coax.start(["client", address]);
      using conn = await listener.accept();
      await send(conn, "found");
      conn.close();
      assertEquals((await client.exit()).out, "found");
    }
  }
});

Deno.test("--connect-timeout counts for each attempt of a relay, which logs it", async () => {
  const options = { hostname: "127.0.0.1", port: 0, tcpBacklog: 0 };
  using hole = Deno.listen(options);
  using _queued = await Deno.connect({ port: hole.addr.port });
  const args = ["relay", "--connect-timeout", "200ms", "0", `127.0.0.1:${hole.addr.port}`];
  await using relay = Coax.start(args);
  const exit = await run(["client", "-q", await relay.address()]);
  assertEquals(exit.out, "");
  await relay.logs(/coax: \[1\] connect 127\.0\.0\.1:\d+: timed out after 200 ms/);
});

Deno.test("a child is a connection: both directions, half-close, and its environment", async () => {
  const sorted = await run(["client", "exec:sort -r"], { stdin: "a\nc\nb\n" });
  assertEquals([sorted.status, sorted.out], [0, "c\nb\na\n"]);
  const variables = "sh:echo $COAX_PEER $COAX_LOCAL $COAX_ID; cat";
  const env = { COAX_PEER: "outer", COAX_LOCAL: "outer", COAX_ID: "7" };
  assertEquals((await run(["client", variables], { env })).out, "stdio stdio 1\n");
  await using relay = Coax.start(["relay", "0", variables]);
  const address = await relay.address();
  for (const id of [1, 2]) {
    const exit = await run(["client", address], { stdin: "in\n" });
    const local = address.slice("tcp://".length);
    const pattern = `^127\\.0\\.0\\.1:\\d+ ${local.replaceAll(".", "\\.")} ${id}\\nin\\n$`;
    assertMatch(exit.out, new RegExp(pattern));
  }
});

Deno.test("a child's stderr is passed through, and its failure is logged by a relay", async () => {
  await using relay = Coax.start(["relay", "0", "sh:echo trouble >&2; exit 3"]);
  await run(["client", "-q", await relay.address()]);
  await relay.logs(/^trouble$/m);
  await relay.logs(/coax: \[1\] run sh:.*: the command exited with 3\n/);
  assert(relay.running);
});

Deno.test("a client that a signal kills leaves no child behind", async () => {
  for (const address of ["exec:sh -c 'echo $$; exec sleep 3600'", "sh:echo $$; sleep 3600; :"]) {
    await using client = Coax.start(["client", address]);
    const [, pid] = await client.prints(/^(\d+)\n/);
    client.signal("SIGTERM");
    assertEquals((await client.exit()).status, 143);
    await exited(Number(pid));
  }
});

Deno.test("a client with --recv-only closes its connection, too", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "--recv-only", peer.address]);
  using conn = await peer.accept();
  await conn.closeWrite();
  assertEquals((await client.exit()).status, 0);
  assertEquals(await receiveText(conn), "");
});

Deno.test("--retry-delay may be longer than that up to which it doubles", async () => {
  await using client = Coax.start(["client", "1", "--retry", "1", "--retry-delay", "100s"]);
  await client.logs(/trying again in (?:[89]\d|1[01]\d|120)\.\d s\n/);
});
