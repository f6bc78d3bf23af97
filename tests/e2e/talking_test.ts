/** What `server` and `client` send and receive: the options under "Talking". */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CLOSED, Coax, PIPE, run, shellLine, temporary } from "./coax.ts";
import { connectTo, listenHere, receive, receiveText, send } from "./peers.ts";

Deno.test("--send knows every escape, repeats, and comes before stdin", async () => {
  const text = "a\\r\\n\\t\\0\\\\\\xff\\u{e9}\\u{1F600}";
  const bytes = [0x61, 13, 10, 9, 0, 0x5c, 0xff, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80];
  await using echo = Coax.start(["echo", "0"]);
  const args = ["client", "--send", text, "--send", "two ", await echo.address()];
  const exit = await run(args, { stdin: "stdin" });
  const rest = new TextEncoder().encode("two stdin");
  assertEquals(exit.stdout, Uint8Array.from([...bytes, ...rest]));
});

Deno.test("--send goes without stdin, from a client and from a server", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "--send", "hello", peer.address], { stdin: CLOSED });
  using conn = await peer.accept();
  assertEquals(await receiveText(conn), "hello");
  conn.close();
  assertEquals((await client.exit()).status, 0);

  await using server = Coax.start(["server", "--send", "welcome", "0"], { stdin: CLOSED });
  using caller = await connectTo(await server.address());
  assertEquals(await receiveText(caller), "welcome");
});

Deno.test("--expect ends with 0 at a match, also one split between reads", async () => {
  using peer = listenHere();
  const args = ["client", "--expect", "re+ady \\d{2}", peer.address];
  await using client = Coax.start(args, { stdin: PIPE });
  using conn = await peer.accept();
  await send(conn, "not yet, re");
  await client.prints(/re$/);
  await send(conn, "ady 4");
  await client.prints(/4$/);
  assert(client.running);
  await send(conn, "2\n");
  const exit = await client.exit();
  assertEquals([exit.status, exit.out, exit.stderr], [0, "not yet, ready 42\n", ""]);
});

Deno.test("--expect-bytes ends with 0 at bytes that are no text, also split between reads", async () => {
  for (const hex of ["00ff0a80", "00 FF 0a 80", "00:ff:0A:80"]) {
    using peer = listenHere();
    const args = ["client", "--expect-bytes", hex, peer.address];
    await using client = Coax.start(args, { stdin: PIPE });
    using conn = await peer.accept();
    await send(conn, Uint8Array.of(0, 0xff, 0x0b, 0, 0xff));
    await client.printsBytes(5);
    assert(client.running);
    await send(conn, Uint8Array.of(0x0a, 0x80, 1));
    const exit = await client.exit();
    const all = Uint8Array.of(0, 0xff, 0x0b, 0, 0xff, 0x0a, 0x80, 1);
    assertEquals([exit.status, exit.stdout, exit.stderr], [0, all, ""]);
  }
});

for (const address of ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", "ws://127.0.0.1:0", "unix:PATH"]) {
  Deno.test(`--expect-bytes over ${address} is 0 at a match, and 9 without one`, async () => {
    await using temp = await temporary();
    await using echo = Coax.start(["echo", address.replace("PATH", `${temp.path}/s`)]);
    const options = address.startsWith("ws") ? ["--binary"] : [];
    for (const [sent, status] of [["a\\x00\\xffz", 0], ["a\\x00\\xfez", 9]] as const) {
      const args = ["--send", sent, "--expect-bytes", "00ff", "--within", "3s", ...options];
      const exit = await run(["client", ...args, await echo.address()], { stdin: CLOSED });
      assertEquals(exit.status, status, exit.stderr);
      if (status === 9) assertMatch(exit.stderr, /^coax: expect .*matched 0x00ff\n$/);
    }
  });
}

Deno.test("a server's --expect-bytes exits with 0, and with 9 when the client closes first", async () => {
  for (const [text, status] of [["open sesame", 0], ["please", 9]] as const) {
    const args = ["server", "--expect-bytes", "736573616d65", "127.0.0.1:0"];
    await using server = Coax.start(args, { stdin: PIPE });
    const conn = await connectTo(await server.address());
    await send(conn, text);
    conn.close();
    await server.end();
    assertEquals((await server.exit()).status, status);
  }
});

Deno.test("--expect-bytes wants whole bytes, and no --expect beside it", async () => {
  for (const bad of ["", "f", "fff", "0x00", "gg", "00  ff", "00,ff", " 00"]) {
    const { status, stderr } = await run(["client", `--expect-bytes=${bad}`, "9"]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /^coax: --expect-bytes.*: expected bytes in hexadecimal/);
  }
  const both = await run(["client", "--expect", "x", "--expect-bytes", "00", "9"]);
  assertEquals(both.status, 2);
  assertMatch(both.stderr, /^coax: --expect-bytes: can't be combined with --expect/);
});

Deno.test("--expect asks a question with --send and gets its answer", async () => {
  await using echo = Coax.start(["echo", "0"]);
  const args = ["client", "--send", "ping\\n", "--expect", "ping\\n", await echo.address()];
  assertEquals((await run(args, { stdin: CLOSED })).status, 0);
});

Deno.test("a server's --expect exits with 0, and with 9 when the client closes first", async () => {
  for (const [text, status] of [["open sesame", 0], ["please", 9]] as const) {
    await using server = Coax.start(["server", "--expect", "sesame", "0"], { stdin: PIPE });
    const conn = await connectTo(await server.address());
    await send(conn, text);
    conn.close();
    await server.end();
    assertEquals((await server.exit()).status, status);
  }
});

Deno.test("--within limits the match: what a server has to finish after it may take longer", async () => {
  const args = ["-k", "--expect", "yo", "--within", "5s", "--grace", "6s", "127.0.0.1:0"];
  await using server = Coax.start(["server", ...args], { stdin: PIPE });
  const started = performance.now();
  const address = await server.address();
  const other = await connectTo(address);
  await send(other, "unfinished");
  await server.prints(/unfinished/);
  using conn = await connectTo(address);
  await send(conn, "yo");
  const exit = await server.exit();
  other.close();
  assert(performance.now() - started > 5000, "it waited for the other connection");
  assertEquals(exit.status, 0, exit.stderr);
});

Deno.test("--send-only drops what comes, --recv-only sends nothing of stdin", async () => {
  using peer = listenHere();
  await using sender = Coax.start(["client", "--send-only", peer.address], { stdin: "out" });
  const first = await peer.accept();
  await send(first, "dropped");
  assertEquals(await receiveText(first), "out");
  first.close();
  const sent = await sender.exit();
  assertEquals([sent.status, sent.out], [0, ""]);

  await using receiver = Coax.start(["client", "--recv-only", peer.address], { stdin: "kept" });
  const second = await peer.accept();
  await send(second, "in");
  await second.closeWrite();
  assertEquals(await receiveText(second), "");
  second.close();
  const received = await receiver.exit();
  assertEquals([received.status, received.out], [0, "in"]);
});

Deno.test("--crlf makes LF CRLF, leaves CRLF, also across writes, and not what arrives", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "--crlf", peer.address], { stdin: PIPE });
  using conn = await peer.accept();
  await client.write("one\ntwo\r");
  assertEquals(await receiveText(conn, 9), "one\r\ntwo\r");
  await client.write("\n\n");
  await client.end();
  assertEquals(await receiveText(conn), "\n\r\n");
  await send(conn, "bare\n");
  conn.close();
  assertEquals((await client.exit()).out, "bare\n");
});

Deno.test("--crlf is for --send too, also where the last one meets stdin", async () => {
  for (
    const [sends, stdin, sent] of [
      [["x\\ny\\r\\n"], "z\n", "x\r\ny\r\nz\r\n"],
      [["a\\r", "\\nb\\r"], "\n\n", "a\r\nb\r\n\r\n"],
    ] as const
  ) {
    using peer = listenHere();
    const args = ["client", "--crlf", ...sends.flatMap((text) => ["--send", text]), peer.address];
    await using client = Coax.start(args, { stdin });
    using conn = await peer.accept();
    assertEquals(await receiveText(conn), sent);
    conn.close();
    assertEquals((await client.exit()).status, 0);
  }
});

Deno.test("--linger lets a peer that goes on sending go on", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "--linger", "400ms", peer.address]);
  using conn = await peer.accept();
  for (let i = 0; i < 6; i++) {
    await send(conn, "x");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert(client.running, client.stderr);
  const exit = await client.exit();
  assertEquals([exit.status, exit.out], [5, "xxxxxx"]);
});

Deno.test("--idle-timeout is put off by either direction", async () => {
  using peer = listenHere();
  const args = ["client", "--idle-timeout", "400ms", peer.address];
  await using client = Coax.start(args, { stdin: PIPE });
  using conn = await peer.accept();
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  for (let i = 0; i < 6; i++) {
    await send(conn, "x");
    await pause();
  }
  for (let i = 0; i < 6; i++) {
    await client.write("y");
    await pause();
  }
  assert(client.running, client.stderr);
  assertEquals(await receiveText(conn, 6), "yyyyyy");
  const exit = await client.exit();
  assertEquals([exit.status, exit.out], [5, "xxxxxx"]);
});

Deno.test("--idle-timeout closes one connection of an echo and of a relay, and is logged", async () => {
  await using echo = Coax.start(["echo", "--idle-timeout", "200ms", "0"]);
  using target = listenHere();
  await using relay = Coax.start(["relay", "--idle-timeout", "200ms", "0", target.address]);
  for (const listener of [echo, relay]) {
    using conn = await connectTo(await listener.address());
    assertEquals(await receiveText(conn), "");
    await listener.logs(/coax: \[1\] idle .*: no byte for 0\.2 s/);
    assert(listener.running);
  }
  using held = await target.accept();
  assertEquals(await receiveText(held), "");
});

Deno.test("--idle-timeout closes a relay's connection whose target has stopped reading", async () => {
  using target = listenHere();
  await using relay = Coax.start(["relay", "--idle-timeout", "300ms", "0", target.address]);
  using conn = await connectTo(await relay.address());
  using stalled = await target.accept();
  const sending = send(conn, new Uint8Array(64 * 1024 * 1024)).catch((error) => error);
  await relay.logs(/idle .*: no byte for 0\.3 s/);
  assert(await sending instanceof Error);
  await receive(stalled).catch(() => {});
});

Deno.test("--idle-timeout ends a client whose stdout nobody reads", async () => {
  using peer = listenHere();
  const args = ["client", "--idle-timeout", "300ms", peer.address];
  // What stands behind the pipe reads our stdin instead, on which nothing comes.
  const line = `exec 9<&0; { ${shellLine(args)}; echo "status $?" >&2; } | cat /dev/fd/9`;
  await using shell = Coax.spawn(["sh", "-c", line], { stdin: PIPE });
  using conn = await peer.accept();
  const sending = send(conn, new Uint8Array(64 * 1024 * 1024)).catch((error) => error);
  await shell.logs(/status 5/);
  await sending;
});
