/**
 * A broken connection never looks like a finished one: close_notify means that everything was sent.
 */
import { assert, assertEquals } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { type Ending, tlsListener, TlsPeer } from "../support/tls_peer.ts";
import { wire } from "../support/wire.ts";
import { Coax } from "./coax.ts";
import { FragilePeer, listenHere, receiveText, send } from "./peers.ts";

const trusted = await authority();

function assertBroken(ending: Ending, stderr: string): void {
  assert(ending !== "close_notify", stderr);
}

Deno.test("a reset of the target sends no close_notify to the TLS client", async () => {
  await using pem = await tlsFiles(trusted);
  const { peer: target, address } = await FragilePeer.listen();
  await using _ = target;
  await using relay = Coax.start(["relay", "tls://127.0.0.1:0", address, ...pem.serving]);
  using client = await TlsPeer.connect(await relay.address(), trusted);
  await client.send("many bytes");
  await target.reset();
  assertBroken(await client.ending(), relay.stderr);
  await relay.logs(/reset by peer/);
});

Deno.test("a reset of the client sends no close_notify to the TLS target", async () => {
  await using pem = await tlsFiles(trusted);
  using listener = await tlsListener(trusted);
  const to = `tls://127.0.0.1:${listener.port}`;
  await using relay = Coax.start(["relay", "127.0.0.1:0", to, ...pem.trusting]);
  await using client = FragilePeer.connect(await relay.address());
  using target = await listener.accept();
  await target.send("many bytes");
  await client.reset();
  assertBroken(await target.ending(), relay.stderr);
});

for (const cut of ["the client", "the target"]) {
  Deno.test(`a relay from TLS to TLS passes it on when ${cut} is cut short`, async () => {
    await using pem = await tlsFiles(trusted);
    using listener = await tlsListener(trusted);
    // The other connection is direct: a wire passes no reset on.
    using targetWire = wire(() => listener.port);
    const to = `tls://127.0.0.1:${cut === "the target" ? targetWire.port : listener.port}`;
    const args = ["relay", "tls://127.0.0.1:0", to, ...pem.serving, ...pem.trusting];
    await using relay = Coax.start(args);
    const port = Number((await relay.address()).split(":").at(-1));
    using clientWire = wire(() => port);
    const from = `tls://127.0.0.1:${cut === "the client" ? clientWire.port : port}`;
    using client = await TlsPeer.connect(from, trusted);
    using target = await listener.accept();
    await client.send("hello");
    await target.receives("hello");
    (cut === "the client" ? clientWire : targetWire).cut();
    const other = cut === "the client" ? target : client;
    assertBroken(await other.ending(), relay.stderr);
  });
}

for (const fault of ["--cut-after", "--reset-after"]) {
  Deno.test(`${fault} cuts TLS short`, async () => {
    await using pem = await tlsFiles(trusted);
    using target = listenHere();
    const args = ["relay", "tls://127.0.0.1:0", target.address, fault, "3", ...pem.serving];
    await using relay = Coax.start(args);
    using client = await TlsPeer.connect(await relay.address(), trusted);
    using conn = await target.accept();
    await client.send("more than that");
    assertBroken(await client.ending(), relay.stderr);
    await receiveText(conn).catch(() => {}); // That connection may be reset.
  });
}

Deno.test("a target that can't be reached sends no close_notify to the TLS client", async () => {
  await using pem = await tlsFiles(trusted);
  const gone = listenHere();
  gone[Symbol.dispose]();
  await using relay = Coax.start(["relay", "tls://127.0.0.1:0", gone.address, ...pem.serving]);
  using client = await TlsPeer.connect(await relay.address(), trusted);
  assertBroken(await client.ending(), relay.stderr);
});

/** Failures on our side: the peer has not received everything. */
const FAILING: Record<string, { options: string[]; stdin: string }> = {
  "bad stdin": {
    options: ["--encoding", "latin1", "--encoding-errors", "strict"],
    stdin: "\u4e2d\n",
  },
};

for (const [name, { options, stdin }] of Object.entries(FAILING)) {
  Deno.test(`TLS is cut short by ${name}`, async () => {
    await using pem = await tlsFiles(trusted);
    const args = ["server", "tls://127.0.0.1:0", ...pem.serving, ...options];
    await using server = Coax.start(args, { stdin });
    using peer = await TlsPeer.connect(await server.address(), trusted);
    assertBroken(await peer.ending(), server.stderr);
    assertEquals((await server.exit()).status, 10);
  });
}

Deno.test("a slow reader of TLS that is disconnected sees it cut short", async () => {
  await using pem = await tlsFiles(trusted);
  const options = ["--idle-timeout", "500ms", "--send-only"];
  const args = ["server", "tls://127.0.0.1:0", ...pem.serving, ...options];
  await using server = Coax.start(args, { stdin: new Uint8Array(32 * 1024 * 1024) });
  using peer = await TlsPeer.connect(await server.address(), trusted);
  assertEquals((await server.exit()).status, 5);
  assertBroken(await peer.ending(), server.stderr);
});

Deno.test("what was sent before a cut arrives, over TLS as well", async () => {
  await using pem = await tlsFiles(trusted);
  using target = listenHere();
  const SIZE = 300_000;
  const args = ["relay", "tls://127.0.0.1:0", target.address, "--cut-after", `${SIZE}`];
  await using relay = Coax.start([...args, ...pem.serving]);
  for (let round = 0; round < 10; round++) {
    using client = await TlsPeer.connect(await relay.address(), trusted);
    using conn = await target.accept();
    await send(conn, new Uint8Array(SIZE + 1)).catch(() => {}); // It may be cut before.
    assertBroken(await client.ending(), relay.stderr);
    assertEquals(client.text.length, SIZE);
  }
});
