import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { parseAddress } from "../../../src/address/address.ts";
import type { Channel, Message } from "../../../src/core/duplex.ts";
import {
  LoggedError,
  ResolveError,
  SessionOverError,
  ShutdownError,
  UsageError,
} from "../../../src/core/errors.ts";
import { type Event, silent } from "../../../src/core/log.ts";
import type { Listener } from "../../../src/core/listener.ts";
import { type Accepted, serve } from "../../../src/core/serve.ts";
import { carry } from "../../../src/core/splice.ts";
import { dial, type DialOptions, listen } from "../../../src/transports/mod.ts";
import { libc } from "../../../src/transports/libc.ts";
import { decode, encode } from "../../support/connections.ts";
import { recorder } from "../../support/log.ts";
import { lacks } from "../../support/parts.ts";
import { DIALING, LISTENING, SERVING } from "../../support/options.ts";
import { randomBytes } from "../../support/random.ts";
import { UdpPeer } from "../../support/udp.ts";
import { isPending, soon, until } from "../../support/wait.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

const portOf = (address: string) => Number(address.split(":").at(-1));

interface Service extends AsyncDisposable {
  readonly address: string;
  readonly events: Event[];
  readonly listeners: readonly Listener[];
}

interface ServiceOptions {
  idleTimeout?: number;
  maxConnections?: number;
  once?: boolean;
  at?: string;
  reusePort?: boolean;
}

/** Serves UDP until it is disposed of. */
async function service(
  handle: (accepted: Accepted) => Promise<void>,
  { idleTimeout, maxConnections = 1024, once, at = "udp://127.0.0.1:0", reusePort = false }:
    ServiceOptions = {},
): Promise<Service> {
  const { log, events } = recorder();
  const listeners = await listen(parseAddress(at), { ...LISTENING, log, idleTimeout, reusePort });
  const stop = new AbortController();
  const handleAll = (accepted: Accepted) =>
    handle(accepted).finally(() => accepted.connection.close());
  const done = serve(listeners, handleAll, {
    ...SERVING,
    log,
    stop: stop.signal,
    grace: 0,
    maxConnections,
    once,
  }).catch((error) => {
    if (!(error instanceof ShutdownError)) throw error;
  });
  return {
    address: listeners[0]!.addresses[0]!,
    events,
    listeners,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await soon(done, "the end of the service");
    },
  };
}

const echo = ({ connection }: Accepted) => carry([connection as Channel, connection as Channel]);

/** Answers with the number of the session. */
const sendId = async ({ connection, id }: Accepted) => {
  const channel = connection as Channel;
  while (await channel.receive()) await channel.send({ data: encode(`${id}`) });
};

async function connect(address: string, options: Partial<DialOptions> = {}): Promise<Channel> {
  return await dial(parseAddress(address), { ...DIALING, ...options }) as Channel;
}

const named = (events: Event[], name: string) => events.filter(({ event }) => event === name);

Deno.test("a bare UDP port is one port of 127.0.0.1 and of ::1, as with TCP", async () => {
  await using both = await service(echo, { at: "udp://0" });
  const addresses = both.listeners.flatMap((listener) => listener.addresses);
  const port = portOf(both.address);
  assertEquals(addresses, [`udp://127.0.0.1:${port}`, `udp://[::1]:${port}`]);
  for (const address of addresses) {
    const client = await connect(address);
    await client.send({ data: encode("hello") });
    assertEquals(decode((await soon(client.receive(), "echo"))!.data), "hello");
    client.close();
  }
});

Deno.test({
  name: "every interface receives, and the printed addresses can be connected to",
  sanitizeOps: false, // The `poll` in a thread notices the close in its own time.
  async fn() {
    await using wide = await service(echo, { at: "udp://:0" });
    const addresses = wide.listeners.flatMap((listener) => listener.addresses);
    assertEquals(addresses.map((address) => address.replace(/\d+$/, "")), [
      "udp://0.0.0.0:",
      "udp://[::]:",
    ]);
    for (const address of addresses) {
      const client = await connect(address);
      await client.send({ data: encode("hello") });
      assertEquals(decode((await soon(client.receive(), "echo"))!.data), "hello");
      client.close();
    }
    assertEquals(named(wide.events, "accept").map(({ peer }) => peer!.replace(/\d+$/, "")), [
      "127.0.0.1:",
      "[::1]:",
    ]);
  },
});

Deno.test("datagrams of 0, 1 and 65,507 bytes go both ways whole", async () => {
  await using server = await service(echo);
  const client = await connect(server.address);
  for (const size of [0, 1, 65_507, 0]) {
    const data = randomBytes(size);
    await client.send({ data });
    assertEquals((await soon(client.receive(), `${size} bytes`))!.data, data);
  }
  client.close();
  await client.closed;
});

Deno.test("a message too long is one error and dropped, the rest goes on, status 1", async () => {
  await using server = await service(echo);
  const { log, events } = recorder();
  const client = await connect(server.address, { log });
  await client.send({ data: new Uint8Array(65_508) });
  await client.send({ data: encode("next") });
  assertEquals(decode((await soon(client.receive(), "the next"))!.data), "next");
  client.close();
  const error = await assertRejects(() => client.closed, LoggedError);
  assertEquals(error.status, 1);
  const logged = events.filter(({ level }) => level === "error");
  assertEquals(logged.length, 1);
  assertMatch(
    logged[0]!.text,
    /^send to 127\.0\.0\.1:\d+: a message longer than a datagram can be \(65507 bytes\): dropped$/,
  );
});

Deno.test({
  name: "a listener that shares its port in one process answers when the other is closed",
  ignore: lacks("/proc"),
  async fn() {
    const sharing = { ...LISTENING, reusePort: true };
    const [first] = await listen(parseAddress("udp://127.0.0.1:0"), sharing);
    const at = first!.addresses[0]!;
    await using second = await service(echo, { at, reusePort: true });
    first!.close();
    const to: Deno.NetAddr = {
      transport: "udp",
      hostname: "127.0.0.1",
      port: portOf(second.address),
    };
    for (let i = 0; i < 20; i++) {
      // It may get the number of the descriptor that was closed.
      const peer = Deno.listenDatagram({ transport: "udp", hostname: to.hostname, port: 0 });
      await peer.send(encode("?"), to);
      const [, from] = await soon(peer.receive(), "the answer");
      assertEquals(from, to);
      peer.close();
    }
  },
});

Deno.test("answers go to the peer that asked", async () => {
  await using server = await service(echo);
  const peers = Array.from({ length: 50 }, () => new UdpPeer(server.address));
  for (const round of [1, 2]) {
    await Promise.all(peers.map((peer, i) => peer.send(`${round}.${i}`)));
    const answers = await Promise.all(peers.map(async (peer) => await peer.receiveText()));
    assertEquals(answers, peers.map((_, i) => `${round}.${i}`));
  }
  assertEquals(named(server.events, "accept").length, peers.length);
  for (const peer of peers) peer[Symbol.dispose]();
});

Deno.test("10,000 peers are answered by at most 1,024 sessions at a time", async () => {
  let active = 0;
  let most = 0;
  await using server = await service(async (accepted) => {
    most = Math.max(most, ++active);
    await echo(accepted).finally(() => active--);
  });
  const ask = async (i: number) => {
    using peer = new UdpPeer(server.address);
    assertEquals(await peer.ask(`${i}`), `${i}`);
  };
  for (let i = 0; i < 10_000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, k) => ask(i + k)));
  }
  assertEquals(most, 1024);
  assertEquals(named(server.events, "failed"), []);
  assertEquals(named(server.events, "refused"), []);
});

Deno.test("the session that has been silent longest is evicted for a new one", async () => {
  await using server = await service(sendId, { maxConnections: 2 });
  using first = new UdpPeer(server.address);
  using second = new UdpPeer(server.address);
  using third = new UdpPeer(server.address);
  assertEquals(await first.ask("?"), "1");
  assertEquals(await second.ask("?"), "2");
  assertEquals(await first.ask("?"), "1");
  assertEquals(await third.ask("?"), "3");
  assertEquals(await first.ask("?"), "1");
  assertEquals(await second.ask("?"), "4"); // Its first session was the evicted one.
  assertEquals(named(server.events, "replaced").length, 1); // Logged at most once a second.
  assertEquals(named(server.events, "failed"), []);
});

Deno.test("a session that is served is evicted, never one that waits to be", async () => {
  const at = parseAddress("udp://127.0.0.1:0");
  const [listener] = await listen(at, LISTENING);
  const address = listener!.addresses[0]!;
  using first = new UdpPeer(address);
  using second = new UdpPeer(address);
  await first.send("1");
  const served = await (await listener!.accept())!.open(
    new AbortController().signal,
    silent,
  ) as Channel;
  assertEquals(decode((await served.receive())!.data), "1");
  await second.send("2");
  const waiting = await listener!.accept();
  await first.send("again"); // Now the second has been silent for longer.
  await served.receive();
  listener!.longestIdle!()!.evict();
  await assertRejects(() => served.receive(), SessionOverError, "needs the room");
  assertEquals(listener!.longestIdle!(), undefined);
  waiting!.refuse();
  listener!.close();
});

Deno.test("a session that nobody reads loses datagrams and slows nobody", async () => {
  const release = Promise.withResolvers<void>();
  await using server = await service(async (accepted) => {
    if (accepted.id === 1) await release.promise;
    else await echo(accepted);
  });
  using slow = new UdpPeer(server.address);
  using quick = new UdpPeer(server.address);
  for (let i = 0; i < 3000; i++) {
    await slow.send(new Uint8Array(1024));
    if (i % 100 === 0) assertEquals(await quick.ask(`${i}`), `${i}`);
  }
  const dropped = () =>
    named(server.events, "dropped").reduce((sum, { count }) => sum + Number(count), 0);
  await until(() => dropped() > 0, "drops are logged");
  assert(named(server.events, "dropped").length <= 2, "at most once a second");
  release.resolve();
});

Deno.test("silence for the idle timeout closes a session, and that is no failure", async () => {
  const ended = Promise.withResolvers<unknown>();
  await using server = await service(
    (accepted) => echo(accepted).catch(ended.resolve),
    { idleTimeout: 100 },
  );
  using peer = new UdpPeer(server.address);
  assertEquals(await peer.ask("hello"), "hello");
  const error = await soon(ended.promise, "the end of the session");
  assert(error instanceof SessionOverError);
  assertEquals(error.status, 0);
  assertEquals(await peer.ask("again"), "again");
  assertEquals(named(server.events, "accept").length, 2);
});

Deno.test("traffic either way keeps a session alive", async () => {
  await using server = await service(async ({ connection }) => {
    const channel = connection as Channel;
    await channel.receive();
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await channel.send({ data: encode(`${i}`) });
    }
  }, { idleTimeout: 150 });
  using peer = new UdpPeer(server.address);
  await peer.send("go");
  for (let i = 0; i < 8; i++) assertEquals(await peer.receiveText(), `${i}`);
});

Deno.test("once: datagrams of the first peer alone are received, on the same socket, freed at its close", async () => {
  const server = await service(echo, { once: true, idleTimeout: 60_000 });
  using first = new UdpPeer(server.address);
  using second = new UdpPeer(server.address);
  assertEquals(await first.ask("one"), "one");
  await second.send("ignored");
  await second.send("ignored too");
  assertEquals(await first.ask("two"), "two");
  assert(await isPending(second.receive().catch(() => {})));
  assertEquals(named(server.events, "ignored").length, 1);

  const options = {
    transport: "udp",
    hostname: "127.0.0.1",
    port: portOf(server.address),
  } as const;
  await assertRejects(() => Promise.resolve().then(() => Deno.listenDatagram(options)));
  await server[Symbol.asyncDispose]();
  await until(() => {
    try {
      Deno.listenDatagram(options).close();
      return true;
    } catch {
      return false;
    }
  }, "the port is free");
});

Deno.test("peers that have gone don't end a listener that answers them", async () => {
  await using server = await service(async ({ connection }) => {
    const channel = connection as Channel;
    for (let m: Message | null = await channel.receive(); m; m = await channel.receive()) {
      // Answers to a closed port come back as ICMP "port unreachable".
      for (let i = 0; i < 20; i++) await channel.send(m);
    }
  });
  for (let i = 0; i < 20; i++) {
    using gone = new UdpPeer(server.address);
    await gone.send("hello");
  }
  using alive = new UdpPeer(server.address);
  assertEquals(await alive.ask("still there"), "still there");
  assertEquals(named(server.events, "failed"), []);
});

Deno.test("a client receives from nobody but its peer", async () => {
  await using server = await service(echo);
  const { log, events } = recorder();
  const client = await connect(server.address, { log });
  const [, port] = /^bind udp:\/\/127\.0\.0\.1:(\d+)$/.exec(named(events, "bind")[0]!.text)!;
  using stranger = new UdpPeer(`udp://127.0.0.1:${port}`);
  await stranger.send("listen to me");
  await stranger.send("please");
  await client.send({ data: encode("hello") });
  assertEquals(decode((await soon(client.receive(), "echo"))!.data), "hello");
  // A connected socket doesn't receive them at all.
  assertEquals(named(events, "ignored").length, Deno.build.os === "linux" ? 0 : 1);
  client.close();
});

Deno.test("a client's address is parsed as TCP's: names, families, no port 0", async () => {
  for (
    const [address, family, peer] of [
      ["udp://9", undefined, "127.0.0.1:9"],
      ["udp://localhost:9", 6, "[::1]:9"],
      ["udp://[::1]:9", undefined, "[::1]:9"],
      ["udp://:9", 4, "127.0.0.1:9"],
    ] as const
  ) {
    const client = await connect(address, { family });
    assertEquals([client.peer, client.halfClose], [peer, false]);
    client.close();
  }
  await assertRejects(() => connect("udp://host:0"), UsageError, "can only be listened on");
  await assertRejects(() => connect("udp://[::1]:9", { family: 4 }), ResolveError);
  await assertRejects(() => connect("udp://nosuch.invalid:9"), ResolveError);
});

Deno.test("close() ends a pending receive, with its reason if it has one", async () => {
  const quiet = await connect("udp://127.0.0.1:9");
  const end = quiet.receive();
  await quiet.closeWrite();
  assert(await isPending(end));
  quiet.close();
  assertEquals(await end, null);
  const loud = await connect("udp://127.0.0.1:9");
  const failure = loud.receive();
  loud.close(new Error("why"));
  await assertRejects(() => failure, Error, "why");
  await assertRejects(() => loud.send({ data: encode("late") }), Error, "why");
  await Promise.all([quiet.closed, loud.closed]);
});
