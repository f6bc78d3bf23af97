/** UDP ASSOCIATE (RFC 1928 §6, §7): a relay as SOCKS5 proxy for datagrams. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, temporary } from "./coax.ts";
import { receive, soon } from "./peers.ts";
import { SocksClient } from "./socks5_client.ts";

const OPEN = ["--allow-target", "127.0.0.0/8,::1,localhost"];
const portOf = (address: string) => Number(/\d+$/.exec(address)![0]);

const proxy = (...args: string[]) => Coax.start(["relay", "127.0.0.1:0", "socks5:", ...args]);

async function echoPort(...args: string[]): Promise<Coax & { port: number }> {
  const echo = Coax.start(["echo", "udp://127.0.0.1:0", ...args]);
  return Object.assign(echo, { port: portOf(await echo.address()) });
}

function bareUdp(): Disposable & { conn: Deno.DatagramConn } {
  const conn = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  return { conn, [Symbol.dispose]: () => conn.close() };
}

/** The control connection's EOF shows that the association is over. */
const ended = async (client: SocksClient) => assertEquals((await receive(client.tcp, 1)).length, 0);

Deno.test("datagrams reach each target, and answers come with their sources", async () => {
  await using one = await echoPort();
  await using two = await echoPort();
  await using relay = proxy(...OPEN);
  using client = await SocksClient.ask(await relay.address());
  assertEquals([client.reply, client.bound.hostname], [0, "127.0.0.1"]);
  for (const [host, port] of [["127.0.0.1", one.port], ["localhost", two.port]] as const) {
    for (const text of ["a", "", "é".repeat(600)]) {
      await client.send(host, port, text);
      assertEquals(await client.receive(), { from: `127.0.0.1:${port}`, text });
    }
  }
});

Deno.test("an IPv6 client and target, and an IPv4-mapped one", async () => {
  await using echo = Coax.start(["echo", "udp://[::1]:0"]);
  const port = portOf(await echo.address());
  await using four = await echoPort();
  await using relay = Coax.start(["relay", "[::1]:0", "socks5:", ...OPEN]);
  using client = await SocksClient.ask(await relay.address(), { host: "::1" });
  assertEquals(client.bound.hostname, "0000:0000:0000:0000:0000:0000:0000:0001");
  const loopback = "0".repeat(31) + "1";
  await client.send(`hex:${loopback}`, port, "six");
  assertEquals(await client.receive(), { from: `[${loopback}]:${port}`, text: "six" });
  await client.send(`hex:${"0".repeat(20)}ffff7f000001`, four.port, "mapped");
  assertEquals(await client.receive(), { from: `127.0.0.1:${four.port}`, text: "mapped" });
});

Deno.test("bound to every interface, it names the address that the client has connected to", async () => {
  await using echo = await echoPort();
  await using relay = Coax.start(["relay", ":0", "socks5:", ...OPEN]);
  const address = await relay.address();
  for (const host of ["127.0.0.1", "127.0.0.2"]) {
    using client = await SocksClient.ask(address, { host, at: "127.0.0.1" });
    assertEquals(client.bound.hostname, host);
    await client.send("127.0.0.1", echo.port, "x");
    assertEquals((await client.receive()).text, "x");
  }
});

Deno.test("what isn't allowed, whole or addressed is dropped, counted and said", async () => {
  await using echo = await echoPort();
  await using relay = proxy("--allow-target", `127.0.0.1:${echo.port}`);
  using client = await SocksClient.ask(await relay.address());
  await client.send("127.0.0.2", echo.port, "no");
  await client.send("127.0.0.1", echo.port, "fragment", 1);
  await client.send("localhost", 9, "no");
  await client.send("nowhere.invalid", 9, "no");
  await client.sendRaw(Uint8Array.of(0, 0));
  await client.sendRaw(Uint8Array.of(0, 0, 0, 1, 127, 0));
  await client.sendRaw(Uint8Array.of(0, 0, 0, 7, 127, 0, 0, 1, 0, 9));
  await client.send("127.0.0.1", 0, "no");
  await client.send("127.0.0.1", echo.port, "yes");
  assertEquals((await client.receive()).text, "yes");
  for (
    const why of [
      "to targets that aren't allowed",
      "in fragments, which aren't supported",
      "to names without an address",
      "without a SOCKS5 header",
      "without a whole address",
      "to an address that can't be sent to",
    ]
  ) await relay.logs(RegExp(`\\[1\\] 127\\.0\\.0\\.1:\\d+: dropped \\d datagrams? ${why}`));
});

Deno.test("without --allow-target nothing on this machine is reached", async () => {
  await using echo = await echoPort();
  await using relay = proxy();
  using client = await SocksClient.ask(await relay.address());
  assertEquals(client.reply, 0);
  await client.send("127.0.0.1", echo.port, "no");
  await client.send("localhost", echo.port, "no");
  await relay.logs(/dropped \d datagrams? to targets that aren't allowed/);
});

Deno.test("only the client's own address, and its first or named port, is served", async () => {
  await using echo = await echoPort();
  await using relay = proxy(...OPEN);
  for (const from of [0, "own"] as const) {
    using client = await SocksClient.ask(await relay.address(), { from });
    using other = await SocksClient.ask(await relay.address(), { at: "127.0.0.9" });
    await other.udp.send(Uint8Array.of(0, 0, 0, 1, 127, 0, 0, 1, 0, 9), client.bound);
    await relay.logs(/dropped 1 datagram from others than the client/);
    await client.send("127.0.0.1", echo.port, "mine");
    assertEquals((await client.receive()).text, "mine");
    using stranger = bareUdp();
    await stranger.conn.send(Uint8Array.of(0, 0, 0, 1, 127, 0, 0, 1, 0, 9), client.bound);
    await client.send("127.0.0.1", echo.port, "still mine");
    assertEquals((await client.receive()).text, "still mine");
  }
});

Deno.test("only those that the client has sent to can answer", async () => {
  using target = bareUdp();
  using stranger = bareUdp();
  const { port } = target.conn.addr as Deno.NetAddr;
  await using relay = proxy(...OPEN);
  using client = await SocksClient.ask(await relay.address());
  await client.send("127.0.0.1", port, "ask");
  const [, from] = await soon(target.conn.receive(), "the question");
  await stranger.conn.send(new TextEncoder().encode("spoofed"), from);
  await relay.logs(/dropped 1 datagram from addresses that the client has sent nothing to/);
  await target.conn.send(new TextEncoder().encode("answer"), from);
  assertEquals(await client.receive(), { from: `127.0.0.1:${port}`, text: "answer" });
});

Deno.test("an association ends with its connection, and its port is free again", async () => {
  await using echo = await echoPort();
  await using relay = proxy(...OPEN, "-v");
  const client = await SocksClient.ask(await relay.address());
  using _ = client;
  await client.send("127.0.0.1", echo.port, "x");
  await client.receive();
  client.tcp.close();
  await relay.logs(/close 127\.0\.0\.1:\d+: sent/);
  const { hostname, port } = client.bound;
  for (let tries = 0;; tries++) {
    try {
      Deno.listenDatagram({ transport: "udp", hostname, port }).close();
      break;
    } catch (error) {
      if (tries === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});

Deno.test("--idle-timeout ends a silent association, and datagrams keep one", async () => {
  await using echo = await echoPort();
  await using relay = proxy(...OPEN, "--idle-timeout", "1s", "-v");
  using client = await SocksClient.ask(await relay.address());
  const start = performance.now();
  while (performance.now() - start < 2500) {
    await client.send("127.0.0.1", echo.port, "x");
    assertEquals((await client.receive()).text, "x");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await ended(client);
  await relay.logs(/silent for 1 s/);
});

Deno.test("associations are capped like connections, and freed", async () => {
  await using relay = proxy(...OPEN, "-m", "2");
  const address = await relay.address();
  using _one = await SocksClient.ask(address);
  {
    using _two = await SocksClient.ask(address);
    using refused = await Deno.connect({ hostname: "127.0.0.1", port: portOf(address) });
    assertEquals((await receive(refused, 1)).length, 0);
  }
  for (let tries = 0;; tries++) {
    const again = await SocksClient.ask(address).catch(() => undefined);
    using _ = again;
    if (again?.reply === 0) break;
    assert(tries < 100);
  }
});

Deno.test("--auth guards associations, too", async () => {
  await using relay = proxy(...OPEN, "--auth", "me:secret");
  const address = await relay.address();
  using right = await SocksClient.ask(address, { login: ["me", "secret"] });
  assertEquals(right.reply, 0);
  await assertRejectsAsk(address, { login: ["me", "wrong"] });
  await assertRejectsAsk(address, {});
});

async function assertRejectsAsk(
  address: string,
  options: Parameters<typeof SocksClient.ask>[1],
): Promise<void> {
  const client = await SocksClient.ask(address, options).catch(() => undefined);
  using _ = client;
  assert(client?.reply !== 0);
}

for (
  const [args, why] of [
    [["--via", "socks5://127.0.0.1:9"], "without --via"],
    [["--proxy-protocol", "v2"], "without --proxy-protocol"],
    [["--encoding", "gbk"], "without --encoding"],
  ] as const
) {
  Deno.test(`with ${args.join(" ")} an association is refused, never made around it`, async () => {
    await using relay = proxy(...OPEN, ...args);
    using client = await SocksClient.ask(await relay.address());
    assertEquals(client.reply, 7);
    await relay.logs(RegExp(`UDP ASSOCIATE needs a relay ${why}`));
  });
}

Deno.test("a client without an IP address gets no association", async () => {
  await using temp = await temporary();
  await using relay = Coax.start(["relay", `unix:${temp.path}/s`, "socks5:", ...OPEN]);
  using client = await SocksClient.ask(await relay.address());
  assertEquals(client.reply, 7);
  await relay.logs(/UDP ASSOCIATE needs a client with an IP address/);
});

Deno.test("datagrams are counted and recorded like what passes in a stream", async () => {
  await using temp = await temporary();
  await using echo = await echoPort();
  const record = ["--record", `${temp.path}/r`, "--metrics", "127.0.0.1:0", "--access-log"];
  await using relay = proxy(...OPEN, ...record);
  const [, metrics] = await relay.logs(/metrics on (\S+)/);
  const client = await SocksClient.ask(await relay.address());
  using _ = client;
  await client.send("127.0.0.1", echo.port, "counted");
  await client.receive();
  client.tcp.close();
  // 3 + 10 bytes of the handshake, and 10 + 7 of the datagram, each way 2 + 10 and 17.
  await relay.logs(/127\.0\.0\.1:\d+ → socks5: {2}↑ 30 B {2}↓ 29 B/);
  const text = await (await fetch(metrics!)).text();
  assertMatch(text, /coax_received_bytes_total 30\n/);
  assertMatch(text, /coax_connections_active 0\n/);
  const lines = (await Deno.readTextFile(`${temp.path}/r`)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(lines.filter(({ event }) => event === "message").length, 2);
  assertEquals(lines.filter(({ event }) => event === "close").length, 1);
});

Deno.test("a thousand datagrams to a thousand targets come back", async () => {
  await using echo = await echoPort();
  await using relay = proxy(...OPEN);
  using client = await SocksClient.ask(await relay.address());
  for (let i = 0; i < 1000; i++) {
    await client.send(`127.0.${i >> 8}.${i & 255 || 1}`, 9, "lost");
    if (i % 10 === 0) {
      await client.send("127.0.0.1", echo.port, `${i}`);
      assertEquals((await client.receive()).text, `${i}`);
    }
  }
  assert(relay.running);
});
