/**
 * close_notify where coax is a server or in the middle: echo, chat, and both connections of a
 * relay.
 */
import { assertEquals } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { tlsListener, TlsPeer } from "../support/tls_peer.ts";
import { Coax } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

const trusted = await authority();

for (const how of ["the peer's end", "a signal", "--idle-timeout"]) {
  Deno.test(`a TLS echo sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    const options = how === "--idle-timeout" ? [how, "300ms"] : ["--grace", "0ms"];
    await using echo = Coax.start(["echo", "tls://127.0.0.1:0", ...pem.serving, ...options]);
    using peer = await TlsPeer.connect(await echo.address(), trusted);
    await peer.send("x");
    await peer.receives("x");
    if (how === "the peer's end") await peer.end();
    if (how === "a signal") echo.signal("SIGTERM");
    assertEquals(await peer.ending(), "close_notify", echo.stderr);
  });
}

for (const how of ["the peer's end", "/quit", "a signal"]) {
  Deno.test(`a TLS chat sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    await using chat = Coax.start(["chat", "tls://127.0.0.1:0", ...pem.serving]);
    using peer = await TlsPeer.connect(await chat.address(), trusted);
    await peer.receives("\n");
    if (how === "the peer's end") await peer.end();
    if (how === "/quit") await peer.send("/quit\n");
    if (how === "a signal") chat.signal("SIGTERM");
    assertEquals(await peer.ending(), "close_notify", chat.stderr);
  });
}

/** Who closes first, or what closes both. */
const FIRST = ["the client", "the target", "a signal", "--idle-timeout"] as const;

for (const how of FIRST) {
  const options = how === "--idle-timeout" ? [how, "300ms"] : ["--grace", "0ms"];

  Deno.test(`a relay that terminates TLS sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    using target = listenHere();
    const args = ["relay", "tls://127.0.0.1:0", target.address, ...pem.serving, ...options];
    await using relay = Coax.start(args);
    using client = await TlsPeer.connect(await relay.address(), trusted);
    using conn = await target.accept();
    await send(conn, "hello");
    await client.receives("hello");
    if (how === "a signal") relay.signal("SIGTERM");
    if (how === "the target") await conn.closeWrite();
    if (how === "the client") await client.end();
    if (how === "the client") assertEquals(await receiveText(conn), "");
    if (how === "the client") await conn.closeWrite();
    assertEquals(await client.ending(), "close_notify", relay.stderr);
  });

  Deno.test(`a relay that originates TLS sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    using listener = await tlsListener(trusted);
    const to = `tls://127.0.0.1:${listener.port}`;
    await using relay = Coax.start(["relay", "127.0.0.1:0", to, ...pem.trusting, ...options]);
    using client = await connectTo(await relay.address());
    using target = await listener.accept();
    await send(client, "hello");
    await target.receives("hello");
    if (how === "a signal") relay.signal("SIGTERM");
    if (how === "the client") await client.closeWrite();
    if (how === "the target") await target.end();
    if (how === "the target") assertEquals(await receiveText(client), "");
    if (how === "the target") await client.closeWrite();
    assertEquals(await target.ending(), "close_notify", relay.stderr);
  });

  Deno.test(`a relay from TLS to TLS sends close_notify both ways: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    using listener = await tlsListener(trusted);
    const to = `tls://127.0.0.1:${listener.port}`;
    const args = ["relay", "tls://127.0.0.1:0", to, ...pem.serving, ...pem.trusting, ...options];
    await using relay = Coax.start(args);
    using client = await TlsPeer.connect(await relay.address(), trusted);
    using target = await listener.accept();
    await client.send("hello");
    await target.receives("hello");
    if (how === "a signal") relay.signal("SIGTERM");
    if (how === "the client") await client.end();
    if (how === "the target") await target.end();
    const [first, second] = how === "the target" ? [client, target] : [target, client];
    assertEquals(await first.ending(), "close_notify", relay.stderr);
    await first.end().catch(() => {}); // It may have closed.
    assertEquals(await second.ending(), "close_notify", relay.stderr);
  });
}
