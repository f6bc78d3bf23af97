/** Listening at a gate: what visitors and listeners see, over every way to a gate. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { ResetError } from "../../src/core/errors.ts";
import { libc } from "../../src/transports/libc.ts";
import { dial } from "../../src/transports/mod.ts";
import { DIALING } from "../support/options.ts";
import { lacks } from "../support/parts.ts";
import { Coax, run } from "./coax.ts";
import { GATE_KINDS, PLAIN, TestGate } from "./gates.ts";
import { until } from "../support/wait.ts";
import { FragilePeer, LARGE, listenHere, randomBytes, sha256, soon } from "./peers.ts";
import { connectTo, receive, receiveText, send } from "./peers.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

for (const kind of GATE_KINDS) {
  Deno.test(`visitors send and get 8 MiB with half-closes, over ${kind.name}`, async () => {
    await using gate = await TestGate.open(kind);
    using target = listenHere();
    await using relay = Coax.start(["relay", ...gate.words(), target.address]);
    const address = await relay.address();
    for (let visit = 0; visit < 3; visit++) {
      const [up, down] = [randomBytes(LARGE), randomBytes(LARGE)];
      using visitor = await connectTo(address);
      using server = await target.accept();
      // Each side ends its direction first, and goes on reading.
      const sending = send(visitor, up).then(() => visitor.closeWrite());
      const atServer = await receive(server);
      await sending;
      const answering = send(server, down).then(() => server.closeWrite());
      const atVisitor = await receive(visitor);
      await answering;
      assertEquals([await sha256(atServer), await sha256(atVisitor)], [
        await sha256(up),
        await sha256(down),
      ]);
    }
  });

  Deno.test(`who leaves in order is no error at the other side, over ${kind.name}`, async () => {
    await using gate = await TestGate.open(kind);
    {
      await using echo = Coax.start(["echo", ...gate.words()]);
      await echo.address();
      echo.signal("SIGTERM");
      assertEquals((await echo.exit()).status, 0);
    }
    await using echo = Coax.start(["echo", ...gate.words()]);
    await echo.address();
    gate.coax.signal("SIGTERM");
    const { stderr } = await gate.coax.exit();
    assert(!/^coax:/m.test(stderr), stderr);
    await echo.logs(/: the gate has ended; trying again/);
  });

  Deno.test(`a command sees the visitor's own address, over ${kind.name}`, async () => {
    await using gate = await TestGate.open(kind);
    await using relay = Coax.start(["relay", ...gate.words(), "exec:printenv COAX_PEER"]);
    using visitor = await connectTo(await relay.address());
    const { hostname, port } = visitor.localAddr as Deno.NetAddr;
    assertEquals(await receiveText(visitor), `${hostname}:${port}\n`);
  });

  Deno.test(`a reset passes a gate, both ways, over ${kind.name}`, async () => {
    await using gate = await TestGate.open(kind);
    {
      using target = listenHere();
      await using relay = Coax.start(["relay", ...gate.words(), target.address]);
      await using visitor = FragilePeer.connect(await relay.address());
      using server = await target.accept();
      await send(server, "ab");
      await visitor.reset();
      await assertReset(server);
    }
    const { peer, address } = await FragilePeer.listen();
    await using target = peer;
    await using relay = Coax.start(["relay", ...gate.words(), address]);
    using visitor = await connectTo(await relay.address());
    await send(visitor, "ab");
    await target.reset();
    await assertReset(visitor);
  });
}

async function assertReset(conn: Deno.Conn): Promise<void> {
  try {
    const count = await soon(conn.read(new Uint8Array(9)), "a reset");
    throw new Error(`read ${count} instead of a reset`);
  } catch (error) {
    assertEquals((error as { code?: string }).code, "ECONNRESET", `${error}`);
  }
}

Deno.test("every command that listens does so at a gate", async () => {
  await using gate = await TestGate.open(PLAIN);
  await using echo = Coax.start(["echo", ...gate.words()]);
  await using chat = Coax.start(["chat", ...gate.words()]);
  await using server = Coax.start(["server", ...gate.words(), "--send", "hello", "--recv-only"]);
  assertEquals((await run(["client", await echo.address()], { stdin: "x" })).out, "x");
  assertMatch((await run(["client", await chat.address()], { stdin: "hi\n" })).out, /welcome/);
  const { out } = await run(["client", await server.address()]);
  assertEquals(out, "hello");
  assertEquals((await server.exit()).status, 0);
});

Deno.test("--deny is for the visitor's address, and what isn't taken is closed", async () => {
  await using gate = await TestGate.open(PLAIN);
  await using echo = Coax.start(["echo", ...gate.words(), "--deny", "127.0.0.1"]);
  using visitor = await connectTo(await echo.address());
  assertEquals(await receiveText(visitor), "");
  await echo.logs(/^refused 127\.0\.0\.1:\d+: --deny lists it$/m);
});

Deno.test("a listener shows the gate's public name, and the port that it has asked for", async () => {
  await using gate = await TestGate.open(
    PLAIN,
    "--public",
    "example.org",
    "--ports",
    "20000-30000",
  );
  await using echo = Coax.start(["echo", ...gate.words()]);
  const port = Number(/^tcp:\/\/example\.org:(\d+)$/.exec(await echo.address())![1]);
  assert(port >= 20000 && port <= 30000, `${port}`);
});

Deno.test({
  name: "a visitor that isn't taken in time is let go, and 128 wait at most",
  ignore: lacks("/proc"),
  async fn() {
    await using gate = await TestGate.open(PLAIN);
    await using echo = Coax.start(["echo", ...gate.words(), "-m", "1"]);
    const address = await echo.address();
    await echo.logs(/listening/);
    echo.signal("SIGSTOP");
    const visitors = await Promise.all(Array.from({ length: 500 }, () => connectTo(address)));
    let closed = 0;
    const ends = visitors.map((visitor) => receive(visitor).catch(() => {}).then(() => closed++));
    await gate.coax.logs(/128 visitors wait already to be taken/);
    await until(() => closed >= 372, "the end of those who don't fit");
    await gate.coax.logs(/nobody has taken it for 10 s/);
    await soon(Promise.all(ends), "the end of all visitors");
    for (const visitor of visitors) visitor.close();
  },
});

Deno.test({
  name: "a visitor that resets before it is taken leaves its place, one that half-closes doesn't",
  ignore: lacks("/proc"),
  async fn() {
    await using gate = await TestGate.open(PLAIN, "-v");
    await using echo = Coax.start(["echo", ...gate.words()]);
    const address = await echo.address();
    echo.signal("SIGSTOP");
    using patient = await connectTo(address);
    await send(patient, "patient");
    await patient.closeWrite();
    const visits = Array.from({ length: 127 }, () => dial(parseAddress(address), DIALING));
    const visitors = await Promise.all(visits);
    for (const [i, visitor] of visitors.entries()) {
      // Some have sent more than the gate keeps.
      const size = i % 4 === 1 ? 9000 + i : i;
      if (i % 2 && visitor.framing === "stream") await visitor.write(new Uint8Array(size));
      visitor.close(new ResetError("test", "visitor"));
    }
    // A gate that is late accepts them only once they have been reset.
    const reset = /receive from \S+: reset by peer|was reset before it was accepted/g;
    const left = () => gate.coax.stderr.match(reset)?.length ?? 0;
    await until(() => left() === visitors.length, "the resets are noticed", 8000);
    using late = await connectTo(address);
    await send(late, "late");
    echo.signal("SIGCONT");
    assertEquals(await receiveText(patient), "patient");
    assertEquals(await receiveText(late, 4), "late");
    assert(!/wait already/.test(gate.coax.stderr), gate.coax.stderr);
  },
});

Deno.test("a gate that stops counts its visitors, and not the connections that serve them", async () => {
  await using gate = await TestGate.open(PLAIN, "--grace", "100ms");
  using target = listenHere();
  await using relay = Coax.start(["relay", ...gate.words(), target.address]);
  using _visitor = await connectTo(await relay.address());
  using _server = await target.accept();
  gate.coax.signal("SIGTERM");
  const { status, stderr } = await gate.coax.exit();
  const told = stderr.match(/^(?:stopping|closing).*?connection/gm);
  assertEquals([status, told], [0, ["stopping: 1 open connection", "closing 1 connection"]]);
});
