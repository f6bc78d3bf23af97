/** The TLS below a WebSocket ends with close_notify, after the Close (RFC 6455 §7.1.1). */
import { assertEquals, assertMatch } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { type Ending, tlsListener, TlsPeer } from "../support/tls_peer.ts";
import { WssPeer } from "../support/wss_peer.ts";
import { Coax, PIPE, type Stdin } from "./coax.ts";
import { connectTo, listenHere, receiveText } from "./peers.ts";

const trusted = await authority();

for (const how of ["the peer's Close", "our end", "a signal", "--idle-timeout", "--expect"]) {
  const options = how === "--idle-timeout"
    ? [how, "300ms"]
    : how === "--expect"
    ? [how, "hi"]
    : ["--linger", "50ms"];
  const stdin: Stdin = how === "our end" ? "x\n" : PIPE;
  const status = how === "--idle-timeout" ? 5 : 0;

  const act = async (peer: WssPeer, coax: Coax): Promise<Ending> => {
    await peer.send("hi");
    await coax.prints(/hi/);
    if (how === "the peer's Close") await peer.close();
    if (how === "a signal") coax.signal("SIGTERM");
    return await peer.ending({ answers: how !== "the peer's Close" });
  };

  Deno.test(`a wss server sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    const grace = ["--grace", "0ms"];
    const args = ["server", "wss://127.0.0.1:0", ...pem.serving, ...options, ...grace];
    await using server = Coax.start(args, { stdin });
    using tls = await TlsPeer.connect(await server.address(), trusted);
    const peer = await WssPeer.ask(tls);
    assertEquals(await act(peer, server), "close_notify", server.stderr);
    assertEquals((await server.exit()).status, status);
  });

  Deno.test(`a wss client sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    using listener = await tlsListener(trusted);
    const args = ["client", `wss://127.0.0.1:${listener.port}`, ...pem.trusting, ...options];
    await using client = Coax.start(args, { stdin });
    using tls = await listener.accept();
    const peer = await WssPeer.answer(tls);
    assertEquals(await act(peer, client), "close_notify", client.stderr);
    assertEquals((await client.exit()).status, how === "a signal" ? 143 : status);
  });
}

Deno.test("an HTTP answer over TLS is followed by close_notify", async () => {
  await using pem = await tlsFiles(trusted);
  await using echo = Coax.start(["echo", "wss://127.0.0.1:0/x", ...pem.serving]);
  using peer = await TlsPeer.connect(await echo.address(), trusted);
  await peer.send("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assertEquals(await peer.ending(), "close_notify", echo.stderr);
  assertMatch(peer.text, /^HTTP\/1\.1 404/);
});

for (const first of ["the WebSocket", "the stream"]) {
  Deno.test(`a relay between wss and TCP sends close_notify: ${first} closes`, async () => {
    await using pem = await tlsFiles(trusted);
    using target = listenHere();
    const args = ["relay", "wss://127.0.0.1:0", target.address, ...pem.serving];
    await using relay = Coax.start(args);
    using tls = await TlsPeer.connect(await relay.address(), trusted);
    const peer = await WssPeer.ask(tls);
    using conn = await target.accept();
    await peer.send("hi");
    assertEquals(await receiveText(conn, 2), "hi");
    if (first === "the WebSocket") await peer.close();
    await conn.closeWrite();
    const answers = first === "the stream";
    assertEquals(await peer.ending({ answers }), "close_notify", relay.stderr);
  });

  Deno.test(`a relay between TCP and wss sends close_notify: ${first} closes`, async () => {
    await using pem = await tlsFiles(trusted);
    using listener = await tlsListener(trusted);
    const to = `wss://127.0.0.1:${listener.port}`;
    await using relay = Coax.start(["relay", "127.0.0.1:0", to, ...pem.trusting]);
    using conn = await connectTo(await relay.address());
    using tls = await listener.accept();
    const peer = await WssPeer.answer(tls);
    await peer.send("hi");
    assertEquals(await receiveText(conn, 2), "hi");
    if (first === "the WebSocket") await peer.close();
    await conn.closeWrite();
    const answers = first === "the stream";
    assertEquals(await peer.ending({ answers }), "close_notify", relay.stderr);
  });
}
