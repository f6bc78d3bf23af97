/** Half-close each way, which EOF closes what, and resets, as a process. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import {
  connectTo,
  FragilePeer,
  LARGE,
  listenHere,
  randomBytes,
  receive,
  receiveText,
  send,
  sha256,
} from "./peers.ts";

Deno.test("an upload to a server that half-closed first loses no byte", async () => {
  await using temp = await temporary();
  const bytes = randomBytes(LARGE);
  const file = `${temp.path}/received`;
  await using server = Coax.start(["server", "-v", "0"], { stdout: file });
  await using client = Coax.start(["client", "-v", await server.address()], { stdin: PIPE });
  await client.logs(/is done sending/); // The server's stdin was empty: its FIN has arrived.
  await client.write(bytes);
  await client.end();
  assertEquals((await client.exit()).status, 0);
  assertEquals((await server.exit()).status, 0);
  assertEquals(await sha256(await Deno.readFile(file)), await sha256(bytes));
});

Deno.test("a download from a server goes on after the client's FIN", async () => {
  const bytes = randomBytes(LARGE);
  await using server = Coax.start(["server", "0"], { stdin: PIPE });
  await using client = Coax.start(["client", await server.address()]);
  await server.write(bytes);
  await server.end();
  const exit = await client.exit();
  assertEquals([exit.status, exit.stderr], [0, ""]);
  assertEquals(await sha256(exit.stdout), await sha256(bytes));
});

Deno.test("8 MiB cross in both directions at once through a relay", async () => {
  const [toServer, toClient] = [randomBytes(LARGE), randomBytes(LARGE)];
  await using server = Coax.start(["server", "0"], { stdin: toClient });
  await using relay = Coax.start(["relay", "0", await server.address()]);
  const client = await run(["client", await relay.address()], { stdin: toServer });
  const exit = await server.exit();
  assertEquals([client.status, exit.status], [0, 0]);
  assertEquals(await sha256(exit.stdout), await sha256(toServer));
  assertEquals(await sha256(client.stdout), await sha256(toClient));
});

Deno.test("a relay passes FIN on after the last byte, each way", async () => {
  using target = listenHere();
  await using relay = Coax.start(["relay", "0", target.address]);
  using from = await connectTo(await relay.address());
  using to = await target.accept();
  await send(from, "question");
  await from.closeWrite();
  assertEquals(await receiveText(to), "question");
  await send(to, "answer");
  await to.closeWrite();
  assertEquals(await receiveText(from), "answer");
});

Deno.test("with --eof peer a client exits at its peer's EOF, whatever its stdin", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "--eof", "peer", peer.address], { stdin: PIPE });
  const conn = await peer.accept();
  await send(conn, "bye\n");
  conn.close();
  const exit = await client.exit();
  assertEquals([exit.status, exit.out, exit.stderr], [0, "bye\n", ""]);
});

Deno.test("without --eof peer a piped client goes on sending after its peer's EOF", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "-v", peer.address], { stdin: PIPE });
  using conn = await peer.accept();
  await conn.closeWrite();
  await client.logs(/is done sending/);
  await client.write("still here");
  assertEquals(await receiveText(conn, 10), "still here");
  await client.end();
  assertEquals((await client.exit()).status, 0);
});

Deno.test("a client goes on sending until a write fails, which is status 1", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", peer.address], { stdin: PIPE });
  (await peer.accept()).close();
  const exit = await client.exitWhile(() => client.write("x".repeat(1000)));
  assertEquals(exit.status, 1);
  assertMatch(client.stderr, /^coax: (send to|receive from) 127\.0\.0\.1:\d+: .*\n$/);
});

Deno.test("with --eof both a client never exits before both sides have sent EOF", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", "-v", "--eof", "both", peer.address], {
    stdin: PIPE,
  });
  using conn = await peer.accept();
  await conn.closeWrite();
  await client.logs(/is done sending/);
  await client.write("more");
  assertEquals(await receiveText(conn, 4), "more");
  await client.end();
  assertEquals((await client.exit()).status, 0);
});

Deno.test("a server exits after its one client's EOF, and with --eof peer at once", async () => {
  await using server = Coax.start(["server", "--eof", "peer", "0"], { stdin: PIPE });
  const conn = await connectTo(await server.address());
  await send(conn, "bye");
  conn.close();
  const exit = await server.exit();
  assertEquals([exit.status, exit.out], [0, "bye"]);
});

Deno.test("a reset ends a server with status 1", async () => {
  await using server = Coax.start(["server", "0"], { stdin: "hello" });
  await using peer = FragilePeer.connect(await server.address());
  await peer.reset();
  const exit = await server.exit();
  assertEquals(exit.status, 1);
  assertMatch(exit.stderr, /coax: .*127\.0\.0\.1:\d+: reset by peer\n/);
});

Deno.test("a relay whose target is reset closes the client at once and logs it", async () => {
  const { peer, address } = await FragilePeer.listen();
  await using target = peer;
  await using relay = Coax.start(["relay", "0", address]);
  using from = await connectTo(await relay.address());
  await send(from, "hello");
  await target.reset();
  // EOF though we never sent FIN. This runtime can't send RST, so the reset becomes a FIN here.
  const received = await receive(from).catch((error) => error);
  assert(received.length === 0 || received instanceof Deno.errors.ConnectionReset, `${received}`);
  await relay.logs(/coax: \[1\] receive from 127\.0\.0\.1:\d+: reset by peer.*\n/);
  assert(relay.running);
});

Deno.test("a relay whose client is reset closes the target at once and logs it", async () => {
  using target = listenHere();
  await using relay = Coax.start(["relay", "0", target.address]);
  await using peer = FragilePeer.connect(await relay.address());
  using to = await target.accept();
  await send(to, "hello");
  await peer.reset();
  const received = await receive(to).catch((error) => error);
  assert(received.length === 0 || received instanceof Deno.errors.ConnectionReset, `${received}`);
  await relay.logs(/coax: \[1\] receive from 127\.0\.0\.1:\d+: reset by peer.*\n/);
});

Deno.test("a relay that can't pass a reset on logs that the peer saw a FIN", async () => {
  const { peer, address } = await FragilePeer.listen();
  await using target = peer;
  await using relay = Coax.start(["relay", "--log-format", "json", "0", address]);
  const [, found] = await relay.logs(/listening on (tcp:[^"]*)"/);
  using from = await connectTo(found!);
  await send(from, "hello");
  await target.reset();
  const outcome = await receive(from).then(() => "end", () => "reset");
  const [line] = await relay.logs(/.*"level":"error".*\n/);
  const { id, error, message } = JSON.parse(line);
  assertEquals(id, 1);
  assertMatch(error, /reset by peer/);
  if (outcome === "end") assertMatch(message, /saw a plain end/);
});

Deno.test("a reset of one connection leaves an echo's others alone", async () => {
  await using echo = Coax.start(["echo", "0"]);
  const address = await echo.address();
  using other = await connectTo(address);
  await send(other, "before ");
  assertEquals(await receiveText(other, 7), "before ");
  const raw = await connectTo(address);
  await send(raw, "x".repeat(100));
  raw.close(); // The answer meets a closed socket, which sends RST.
  await send(other, "after");
  await other.closeWrite();
  assertEquals(await receiveText(other), "after");
  assert(echo.running);
});
