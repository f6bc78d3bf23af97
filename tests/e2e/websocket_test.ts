/** WebSocket addresses on the command line: output, log, and exit statuses. */
import { lacks } from "../support/parts.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect, service } from "../support/transports.ts";
import { decode, encode, readAll } from "../support/connections.ts";
import { soon, until } from "../support/wait.ts";
import { bareWs, connectWs, streamOf, UPGRADE } from "../support/websocket.ts";
import { bytes, frame, masked } from "../ws/wire.ts";
import { Coax, PIPE, run } from "./coax.ts";
import { connectTo } from "./peers.ts";

const MiB = 1024 * 1024;

/** Relays one WebSocket, which closes after the server's EOF, and resolves with how it closed. */
async function relayed(server: string, args: string[] = []) {
  await using relay = Coax.start(["relay", "--once", "-v", ...args, "ws://127.0.0.1:0", server]);
  const channel = await connectWs(await relay.address());
  const receiving = channel.receive().catch(() => {});
  await relay.logs(/Close from 127|^coax: /m);
  channel.close();
  await receiving;
  await soon(channel.closed.catch(() => {}), "closed");
  return await relay.exit();
}

const ends: [name: string, frames: string, status: number, line: RegExp][] = [
  ["1000", "88 02 03e8", 0, /Close from/],
  ["1001", "88 02 03e9", 0, /Close from/],
  ["no code", "88 00", 0, /Close from/],
  ["1011 and a reason", '88 06 03f3 "oops"', 8, /receive from .*: closed with 1011: oops/],
  ["4000", "88 02 0fa0", 8, /closed with 4000/],
  ["no Close", "", 8, /closed with 1006/],
  ["a frame that can't be", "83 00", 1, /invalid opcode 3 \(closed with 1002\)/],
];

for (const [name, frames, status, line] of ends) {
  Deno.test(`a peer that closes with ${name} is status ${status}`, async () => {
    await using server = await bareWs(bytes(frames));
    const exit = await relayed(server.addresses[0]!.replace("tcp:", "ws:"));
    assertEquals(exit.status, status, exit.stderr);
    assertMatch(exit.stderr, line);
  });
}

const closes: [name: string, frames: string, status: number][] = [
  ["1000", "88 02 03e8", 0],
  ["1011", "88 02 03f3", 8],
];

for (const [name, frames, status] of closes) {
  Deno.test(`a client whose peer closes with ${name} exits with ${status}, though its stdin doesn't`, async () => {
    await using server = await bareWs(bytes(`81 02 "hi" ${frames}`));
    const url = server.addresses[0]!.replace("tcp:", "ws:");
    for (const args of [[], ["--eof", "peer"]]) {
      await using client = Coax.start(["client", url, ...args], { stdin: PIPE });
      const exit = await client.exit();
      assertEquals([exit.status, exit.out], [status, "hi\n"], exit.stderr);
    }
  });

  // What it sends is lost, also where the Close itself is in order.
  const sending = status || 1;
  Deno.test(`a client that is sending when its peer closes with ${name} exits with ${sending}`, async () => {
    await using server = await bareWs(bytes(frames));
    const url = server.addresses[0]!.replace("tcp:", "ws:");
    await using client = Coax.start(["client", url], { stdin: PIPE });
    const exit = await client.exitWhile(() => client.write("x".repeat(1000) + "\n"));
    assertEquals(exit.status, sending, exit.stderr);
  });
}

Deno.test("--eof both waits for stdin though a WebSocket peer has closed", async () => {
  await using server = await bareWs(bytes("88 02 03e8"));
  const url = server.addresses[0]!.replace("tcp:", "ws:");
  await using client = Coax.start(["client", "-v", "--eof", "both", url], { stdin: PIPE });
  await client.logs(/Close to /);
  await client.write("into the void\n");
  const exit = await client.exit();
  assertEquals(exit.status, 1);
  assertMatch(exit.stderr, /^coax: send to .*: closed with 1000$/m);
});

Deno.test("a server exits at its WebSocket peer's Close, with -k it goes on", async () => {
  await using server = Coax.start(["server", "ws://127.0.0.1:0"], { stdin: PIPE });
  (await connectWs(await server.address())).close();
  assertEquals((await server.exit()).status, 0);

  await using many = Coax.start(["server", "-k", "ws://127.0.0.1:0"], { stdin: PIPE });
  const address = await many.address();
  const first = await connectWs(address);
  first.close();
  await soon(first.closed, "the first is done");
  const second = await connectWs(address);
  await second.send({ data: encode("still here"), text: true });
  await many.prints(/^still here$/m);
  await many.write("to the second\n");
  assertEquals(decode((await soon(second.receive(), "a line"))!.data), "to the second");
  second.close();
  await soon(second.closed, "the second is done");
});

Deno.test("the code of --close is no error from the peer", async () => {
  await using server = await bareWs(bytes("88 02 0fa0"));
  const exit = await relayed(server.addresses[0]!.replace("tcp:", "ws:"), ["--close", "4000"]);
  assertEquals(exit.status, 0, exit.stderr);
});

Deno.test("a missed pong is status 5", async () => {
  await using server = await bareWs(bytes("8a 00"));
  const exit = await relayed(
    server.addresses[0]!.replace("tcp:", "ws:"),
    ["--ping", "50ms", "--ping-timeout", "100ms"],
  );
  assertEquals(exit.status, 5, exit.stderr);
  assertStringIncludes(exit.stderr, "no pong for 0.1 s");
});

Deno.test("a refused upgrade is status 7, with the server's words escaped", async () => {
  await using server = await service("127.0.0.1:0", async (connection) => {
    await connection.read(new Uint8Array(4096));
    await connection.write(
      encode("HTTP/1.1 418 Teapot\r\nContent-Length: 9\r\n\r\nred \x1b[31m\n"),
    );
    connection.close();
  });
  const url = server.addresses[0]!.replace("tcp:", "ws:");
  const { status, stderr, out } = await run(["client", `${url}/x`]);
  assertEquals([status, out], [7, ""]);
  assertEquals(
    stderr,
    `coax: handshake ${url}/x: HTTP/1.1 418 Teapot: red \\x1b[31m\n`,
  );
});

Deno.test("a server that doesn't answer the handshake is status 5", async () => {
  await using notReading = await service("127.0.0.1:0", (connection) => connection.closed);
  const url = notReading.addresses[0]!.replace("tcp:", "ws:");
  const { status, stderr } = await run(["client", "--connect-timeout", "200ms", url]);
  assertEquals([status, stderr], [5, `coax: handshake ${url}: no answer for 0.2 s\n`]);
});

const usage: [args: string[], subject: string][] = [
  [["client", "ws://9", "-H", "X"], "--header X"],
  [["client", "ws://9", "-H", "X: a\r\nY: b"], "--header X: a\\r\\nY: b"],
  [["client", "ws://9", "-H", "Upgrade: h2c"], "--header Upgrade: h2c"],
  [["client", "ws://9", "--protocol", "a b"], "--protocol a b"],
  [["client", "ws://9", "--close", "1006"], "--close 1006"],
  [["client", "ws://9", "--close", `1000:${"x".repeat(124)}`], "--close 1000:xxx"],
  [["client", "ws://9", "--max-message", "0"], "--max-message 0"],
  [["client", "ws://9", "--max-message", "2GiB"], "--max-message 2GiB"],
  [["client", "ws://9", "--origin", "a b"], "--origin a b"],
  [["echo", "ws://9", "--allow-origin", "a b"], "--allow-origin a b"],
  [["echo", "ws://9/a b"], '"ws://9/a b"'],
];

for (const [args, subject] of usage) {
  Deno.test(`usage: ${args.slice(1).join(" ").slice(0, 40)}`, async () => {
    const { status, stderr } = await run(args);
    assertEquals(status, 2);
    assertStringIncludes(stderr, `coax: ${subject}`);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  });
}

Deno.test("SIGTERM closes WebSockets with 1001 once the grace is over", async () => {
  await using echo = Coax.start(["echo", "--grace", "100ms", "ws://127.0.0.1:0/x"]);
  const socket = new WebSocket(await echo.address());
  await soon(new Promise((resolve) => socket.onopen = resolve), "open");
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  echo.signal("SIGTERM");
  const { code, wasClean } = await soon(closed, "the close");
  assertEquals([code, wasClean], [1001, true]);
  assertEquals((await echo.exit()).status, 0);
});

Deno.test("every violation is one line, and the echo goes on", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
  const address = await echo.address();
  for (const garbage of ["81 01 61", "ff ff ff ff ff ff", "88 81 00000000 03"]) {
    const connection = await connect(streamOf(address));
    await connection.write(encode(UPGRADE));
    await connection.write(bytes(garbage));
    await soon(readAll(connection), "the end");
    connection.close();
  }
  const channel = await connectWs(address);
  await channel.send({ data: encode("still there"), text: true });
  assertEquals(decode((await soon(channel.receive(), "the echo"))!.data), "still there");
  channel.close();
  await soon(channel.closed, "closed");
  await until(() => echo.stderr.match(/closed with 1002/g)?.length === 3, "three lines");
});

/** The most memory that a process has had resident, bytes. */
async function peak(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

Deno.test({
  name: "600 MiB in fragments don't grow an echo by 40 MiB",
  ignore: lacks("/proc"),
  async fn() {
    await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
    const address = await echo.address();
    const warm = await connectWs(address);
    await warm.send({ data: new Uint8Array(1000) });
    await soon(warm.receive(), "the echo");
    warm.close();
    await soon(warm.closed, "closed");
    const before = await peak(echo.pid);

    const connection = await connect(streamOf(address));
    await connection.write(encode(UPGRADE));
    const first = masked(frame(0x02, new Uint8Array(64 * 1024)));
    const next = masked(frame(0x00, new Uint8Array(64 * 1024)));
    await connection.write(first);
    const sending = (async () => {
      for (let sent = 0; sent < 600 * MiB; sent += 64 * 1024) await connection.write(next);
    })().catch(() => {}); // It is freed some time.
    const answer = await soon(readAll(connection).catch(() => new Uint8Array()), "the end");
    connection.close();
    await sending;
    await echo.logs(/a message is too big \(closed with 1009\)/);
    assertStringIncludes(answer.toHex(), "880203f1");
    const grown = await peak(echo.pid) - before;
    assert(grown < 40 * MiB, `grown by ${(grown / MiB).toFixed(1)} MiB`);
  },
});

Deno.test("a client that only probes a WebSocket port is no error, and has a number", async () => {
  await using echo = Coax.start(["echo", "-v", "ws://127.0.0.1:0"]);
  const address = await echo.address();
  (await connectTo(address.replace("ws:", "tcp:"))).close();
  await echo.logs(/^\[1\] handshake 127\.0\.0\.1:\d+: left without a request$/m);
  await run(["client", address, "--send", "x"]);
  await echo.logs(/^\[2\] handshake: GET \/ from 127\.0\.0\.1:\d+$/m);
  assert(!echo.stderr.includes("coax:"), echo.stderr);
});
