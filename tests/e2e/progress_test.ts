/** `--progress` where stderr is no terminal: one line at the end. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { connectTo, listenHere, receive, send } from "./peers.ts";

const SIZE = 300_000;

Deno.test("without a terminal, progress is one line at the end", async () => {
  await using temp = await temporary();
  await Deno.writeFile(`${temp.path}/file`, new Uint8Array(SIZE));
  using peer = listenHere();
  const running = run(["client", "--progress", peer.address], {
    stdin: { file: `${temp.path}/file` },
  });
  const conn = await peer.accept();
  assertEquals((await receive(conn, SIZE)).length, SIZE);
  await send(conn, "thanks\n");
  conn.close();
  const { status, out, stderr } = await running;
  assertEquals([status, out], [0, "thanks\n"]);
  assertMatch(
    stderr,
    /^sent 300 kB, received 7 B, [\d.]+ [kM]?B\/s, 0:00:\d\d, 100 %\n$/,
  );
});

Deno.test("progress of a file that was read in part before counts the rest", async () => {
  await using temp = await temporary();
  await Deno.writeFile(`${temp.path}/file`, new Uint8Array(SIZE));
  for (const before of [1, 200_000, SIZE - 1]) {
    const line = `dd bs=${before} count=1 of=/dev/null 2>/dev/null; exec "$@"`;
    const stdin = { file: `${temp.path}/file` };
    const args = ["client", "--progress", "exec:wc -c"];
    const { out, stderr } = await run(args, { stdin, before: ["sh", "-c", line, "sh"] });
    assertEquals(Number(out), SIZE - before);
    assertMatch(stderr, /^sent .*, 100 %\n$/, `${before} bytes before`);
  }
});

Deno.test("progress of a file that was read before has no percentage", async () => {
  await using temp = await temporary();
  await Deno.writeFile(`${temp.path}/file`, new Uint8Array(SIZE));
  const { stderr } = await run(["client", "--progress", "exec:cat"], {
    stdin: { file: `${temp.path}/file` },
    before: ["sh", "-c", 'cat >/dev/null; exec "$@"', "sh"],
  });
  assertMatch(stderr, /^sent 0 B, received 0 B, 0 B\/s, 0:00:00\n$/);
});

Deno.test("progress in JSON is an event with its numbers", async () => {
  const { stderr } = await run(
    ["client", "--progress", "--log-format", "json", "exec:cat", "--send", "four"],
  );
  const { event, sent, received, seconds } = JSON.parse(stderr.trim());
  assertEquals([event, sent, received, typeof seconds], ["progress", 4, 4, "number"]);
});

Deno.test("a server's progress counts all of its clients", async () => {
  await using server = Coax.start(["server", "-k", "--progress", "127.0.0.1:0"]);
  const address = await server.address();
  for (const text of ["one", "two", "three"]) {
    const conn = await connectTo(address);
    await send(conn, text);
    conn.close();
  }
  await server.printsBytes(11);
  server.signal("SIGTERM");
  assertMatch((await server.exit()).stderr, /\nsent 0 B, received 11 B, [^\n]*\n$/);
});

Deno.test("a relay's progress counts all of its connections, as seen from FROM", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const args = ["relay", "--progress", "--log-format", "json", "127.0.0.1:0"];
  for (const control of [[], ["--control", "127.0.0.1:0"]]) {
    await using relay = Coax.start([...args, await echo.address(), ...control]);
    const [, address] = await relay.logs(/"address":"(tcp:[^"]+)"/);
    for (const text of ["one", "three"]) {
      using conn = await connectTo(address!);
      await send(conn, text);
      assertEquals((await receive(conn, text.length)).length, text.length);
    }
    using conn = await connectTo(address!);
    await send(conn, "x");
    await receive(conn, 1);
    relay.signal("SIGINT");
    conn.close();
    const last = (await relay.exit()).stderr.trimEnd().split("\n").at(-1)!;
    const { event, sent, received } = JSON.parse(last);
    assertEquals([event, sent, received], ["progress", 9, 9]);
  }
});

Deno.test("a file that goes through a relay from stdin has a percentage, others have none", async () => {
  await using temp = await temporary();
  await Deno.writeFile(`${temp.path}/file`, new Uint8Array(SIZE));
  const options = { stdin: { file: `${temp.path}/file` } };
  const piped = await run(["relay", "-", "exec:wc -c", "--progress"], options);
  assertEquals(Number(piped.out), SIZE);
  assertMatch(piped.stderr, /^sent 300 kB, received 7 B, [\d.]+ [kM]?B\/s, 0:00:0\d, 100 %\n$/);
  const other = await run(["relay", "exec:echo hi", "exec:cat", "--progress"], options);
  assertMatch(other.stderr, /^sent \d B, received 3 B, \S+ k?B\/s, 0:00:0\d\n$/);
});

Deno.test("progress is logged when a signal ends a client", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "--progress", peer.address], { stdin: PIPE });
  using conn = await peer.accept();
  await client.write("half");
  await receive(conn, 4);
  client.signal("SIGINT");
  const { status, stderr } = await client.exit();
  assertEquals(status, 130);
  assertMatch(stderr, /^sent 4 B, received 0 B, /);
});
