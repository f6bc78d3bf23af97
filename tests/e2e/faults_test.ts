/**
 * Faults against a process. Whatever peers do: the process lives, its descriptors are released
 * within a second, stderr has nothing unhandled, and another connection isn't disturbed.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { cutAt, dribble, garbage, hitAndRun, resets, stall } from "../support/chaos.ts";
import { encode } from "../support/connections.ts";
import { descriptors, descriptorsBackTo } from "../support/process.ts";
import { generator } from "../support/random.ts";
import { connectWs } from "../support/websocket.ts";
import { Coax, PIPE, run } from "./coax.ts";
import {
  connectTo,
  listenHere,
  randomBytes,
  receive,
  receiveText,
  send,
  sha256,
  unusedPort,
} from "./peers.ts";
import { until } from "../support/wait.ts";

const MiB = 1024 * 1024;

/**
 * Does `harm` to a process that echoes at `address`, and checks what holds after every fault. The
 * bystander's connection is used before, meanwhile and afterwards.
 */
async function survives(
  coax: Coax,
  address: string,
  harm: () => Promise<unknown>,
): Promise<void> {
  using bystander = await connectTo(address);
  await answers(bystander, "before");
  const before = descriptors(coax.pid);
  const harming = harm();
  await Promise.all([answers(bystander, "meanwhile"), harming]);
  await answers(bystander, "afterwards");
  await newcomerIsServed(address);
  await descriptorsBackTo(before, coax.pid);
  assert(coax.running);
  assertTidy(coax.stderr);
}

async function answers(conn: Deno.Conn, text: string): Promise<void> {
  await send(conn, text);
  assertEquals(await receiveText(conn, text.length), text);
}

/** Once a newcomer is served, all earlier connections have been accepted. */
async function newcomerIsServed(address: string): Promise<void> {
  using newcomer = await connectTo(address);
  await answers(newcomer, "new here");
}

/**
 * Each line is one that coax writes: no stack trace, no uncaught error, nothing from the runtime.
 */
function assertTidy(stderr: string): void {
  for (const line of stderr.trimEnd().split("\n")) {
    assertMatch(line, /^(coax: |listening on |pin |accept |handshake |refused )/);
  }
}

/** A relay to an echo, each a process. */
async function relayToEcho(stack: AsyncDisposableStack, ...args: string[]) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const relay = stack.use(Coax.start(["relay", "127.0.0.1:0", await echo.address(), ...args]));
  return { echo, relay, address: await relay.address() };
}

Deno.test("1000 resets in mid-stream leave an echo as it was", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const address = await echo.address();
  await survives(echo, address, () => resets(address, 1000));
  // One seen by a write is a broken pipe, one before the accept isn't seen at all.
  const logged = echo.stderr.match(/reset by peer|the peer has gone/g)?.length ?? 0;
  assert(logged > 900 && logged <= 1000, `${logged} resets were logged`);
});

Deno.test("1000 resets in mid-stream leave a relay and its target as they were", async () => {
  await using stack = new AsyncDisposableStack();
  const { echo, relay, address } = await relayToEcho(stack);
  const before = descriptors(echo.pid);
  await survives(relay, address, () => resets(address, 1000));
  await descriptorsBackTo(before + 1, echo.pid); // The bystander's may still be open.
  assertTidy(echo.stderr);
});

Deno.test("writing to 500 peers that have gone harms nobody", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, address } = await relayToEcho(stack);
  await survives(relay, address, async () => {
    const much = new Uint8Array(100_000);
    for (let i = 0; i < 500; i++) {
      await hitAndRun(address, much);
      if (i % 50 === 0) await newcomerIsServed(address);
    }
  });
});

Deno.test("a request cut at any byte leaves a WebSocket echo as it was", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0", "ws://127.0.0.1:0"]);
  const [address, ws] = await echo.listening(2);
  const request = concat([
    encode("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"),
    encode("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
    Uint8Array.fromHex("818537fa213d7f9f4d5158"),
  ]);
  await survives(echo, address!, async () => {
    for (let length = 0; length <= request.length; length++) await cutAt(ws!, request, length);
  });
});

Deno.test("garbage to every kind of listener leaves the others as they were", async () => {
  const schemes = ["127.0.0.1:0", "tls://127.0.0.1:0", "ws://127.0.0.1:0", "wss://127.0.0.1:0"];
  await using echo = Coax.start(["echo", ...schemes, "--self-signed"]);
  const [address, ...others] = await echo.listening(4);
  const random = generator(4);
  await survives(echo, address!, async () => {
    for (let i = 0; i < 300; i++) {
      await hitAndRun(others[i % others.length]!, garbage(random, 2000));
    }
  });
});

Deno.test("2000 exchanges through a relay lose nothing each way, whichever side half-closes first", async () => {
  using target = listenHere();
  await using relay = Coax.start(["relay", "127.0.0.1:0", target.address]);
  const address = await relay.address();
  const before = descriptors(relay.pid);
  const exchange = async (clientFirst: boolean) => {
    using client = await connectTo(address);
    await send(client, clientFirst ? "c" : "s"); // Which side half-closes first.
    if (!clientFirst) assertEquals(await receiveText(client), "s first");
    await send(client, "from the client");
    await client.closeWrite();
    if (clientFirst) assertEquals(await receiveText(client), "c then");
  };
  const serve = async (accepted: Deno.Conn) => {
    using conn = accepted;
    const clientFirst = await receiveText(conn, 1) === "c";
    if (!clientFirst) await send(conn, "s first");
    if (!clientFirst) await conn.closeWrite();
    assertEquals(await receiveText(conn), "from the client");
    if (clientFirst) await send(conn, "c then");
  };
  const clients = Array.from({ length: 20 }, async (_, i) => {
    for (let n = 0; n < 4000 / 20; n++) await exchange(i % 2 === 0);
  });
  const served: Promise<void>[] = [];
  while (served.length < 4000) served.push(serve(await target.accept()));
  await Promise.all([...clients, ...served]);
  await descriptorsBackTo(before, relay.pid);
  assertEquals(relay.stderr.match(/^coax: .*/gm), null);
});

Deno.test("50 MiB arrive whole at a peer that was stopped and resumed", async () => {
  const bytes = randomBytes(50 * MiB);
  await using stack = new AsyncDisposableStack();
  const server = stack.use(Coax.start(["server", "127.0.0.1:0"], { stdin: PIPE }));
  const relay = stack.use(Coax.start(["relay", "127.0.0.1:0", await server.address()]));
  const client = stack.use(Coax.start(["client", await relay.address()]));
  let taken = 0;
  const sending = (async () => {
    for (let at = 0; at < bytes.length; at += MiB) {
      await server.write(bytes.subarray(at, at + MiB));
      taken = at + MiB;
    }
    await server.end();
  })();
  await client.printsBytes(MiB);
  client.signal("SIGSTOP");
  try {
    await unchanging(() => taken);
    assert(taken < bytes.length, "nobody waited for the stopped peer");
  } finally {
    client.signal("SIGCONT");
  }
  await sending;
  const { status, stdout } = await client.exit();
  assertEquals([status, await sha256(stdout)], [0, await sha256(bytes)]);
});

/** Waits until a number has stopped changing for a while. */
async function unchanging(read: () => number): Promise<void> {
  let [last, times] = [-1, 0];
  await until(() => {
    times = read() === last ? times + 1 : 0;
    last = read();
    return times === 50;
  }, "a standstill");
}

Deno.test("bytes that are written one by one arrive whole, and are read one by one", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, address } = await relayToEcho(stack);
  const bytes = randomBytes(3000);
  await survives(relay, address, async () => {
    using conn = await connectTo(address);
    const dribbling = dribble(conn, bytes).then(() => conn.closeWrite());
    const parts: Uint8Array[] = [];
    while (parts.length < bytes.length) parts.push(await receive(conn, 1));
    await dribbling;
    assertEquals(concat(parts), bytes);
  });
});

Deno.test("500 slow lorises on HTTP hold up nobody, and their descriptors come back", async () => {
  const args = ["echo", "127.0.0.1:0", "ws://127.0.0.1:0", "--handshake-timeout", "1s"];
  await using echo = Coax.start(args);
  const [address, ws] = await echo.listening(2);
  await survives(echo, address!, async () => {
    using _lorises = await stall(ws!, 500, encode("GET / HTTP/1.1\r\nHost: "));
    const channel = await connectWs(ws!);
    await channel.send({ data: encode("hello"), text: true });
    assertEquals((await channel.receive())!.data, encode("hello"));
    channel.close();
    await channel.closed;
    await until(
      () => echo.stderr.match(/nothing whole for 1 s/g)?.length === 500,
      "500 to be closed",
    );
  });
});

Deno.test("500 slow lorises on TLS hold up nobody, and their slots are freed", async () => {
  const args = ["echo", "127.0.0.1:0", "tls://127.0.0.1:0", "--self-signed", "-m", "510"];
  await using echo = Coax.start([...args, "--handshake-timeout", "1s"]);
  const [address, tls] = await echo.listening(2);
  await survives(echo, address!, async () => {
    using _lorises = await stall(tls!, 500, Uint8Array.of(22, 3, 1)); // The start of a TLS record.
    const client = await run(["client", "--insecure", tls!], { stdin: "hello" });
    assertEquals([client.status, client.out], [0, "hello"]);
    await until(
      () => echo.stderr.match(/timed out|no handshake/g)?.length === 500,
      "500 to be closed",
    );
    using _more = await stall(tls!, 500);
    const late = await run(["client", "--insecure", tls!], { stdin: "late" });
    assertEquals([late.status, late.out], [0, "late"]);
  });
});

Deno.test("without descriptors an echo waits, logs it once a second, and recovers", async () => {
  const before = ["prlimit", "--nofile=64"];
  await using echo = Coax.start(["echo", "127.0.0.1:0"], { before });
  const address = await echo.address();
  await survives(echo, address, async () => {
    const began = performance.now();
    using _crowd = await stall(address, 100);
    const lines = () => echo.stderr.match(/too many open files/gi)?.length ?? 0;
    await until(() => lines() === 3, "three lines");
    const seconds = (performance.now() - began) / 1000;
    assert(seconds > 1.9, `three lines in ${seconds} s`);
  });
});

Deno.test("a relay logs why its target can't be reached, and serves the next", async () => {
  using full = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 0 });
  using _first = await Deno.connect({ hostname: "127.0.0.1", port: full.addr.port });
  const cases: [target: string, why: RegExp][] = [
    [`127.0.0.1:${unusedPort()}`, /coax: \[1\] connect 127\.0\.0\.1:\d+: connection refused\n/],
    ["nowhere.invalid:80", /coax: \[1\] resolve nowhere\.invalid:80: .*\n/],
    [
      `127.0.0.1:${full.addr.port}`,
      /coax: \[1\] connect 127\.0\.0\.1:\d+: timed out after 300 ms\n/,
    ],
  ];
  for (const [target, why] of cases) {
    const args = ["relay", "127.0.0.1:0", target, "--connect-timeout", "300ms"];
    await using relay = Coax.start(args);
    const address = await relay.address();
    const before = descriptors(relay.pid);
    for (const id of [1, 2]) {
      using conn = await connectTo(address);
      assertEquals((await receive(conn).catch(() => new Uint8Array())).length, 0);
      await relay.logs(id === 1 ? why : /coax: \[2\]/);
    }
    await descriptorsBackTo(before, relay.pid);
    assertTidy(relay.stderr);
  }
});

Deno.test("a relay serves again once a target that was down is up", async () => {
  const port = unusedPort();
  await using relay = Coax.start(["relay", "127.0.0.1:0", `127.0.0.1:${port}`]);
  const address = await relay.address();
  using early = await connectTo(address);
  assertEquals((await receive(early).catch(() => new Uint8Array())).length, 0);
  await using _echo = Coax.start(["echo", `127.0.0.1:${port}`]);
  await _echo.address();
  using late = await connectTo(address);
  await answers(late, "late");
  assertTidy(relay.stderr);
});
