/** What a control shows while its proxies carry: connections, events, metrics, recordings. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { descriptors, descriptorsBackTo, rss } from "../support/process.ts";
import { until } from "../support/wait.ts";
import { Coax, run, temporary } from "./coax.ts";
import { ControlProcess } from "./control.ts";
import { Lines } from "./control_answers.ts";
import { connectTo, LARGE, listenHere, randomBytes, receive, receiveText, send } from "./peers.ts";
import { soon } from "./peers.ts";

const MiB = 2 ** 20;

/** A control with the proxy web, which leads to an echo. */
async function controlled(stack: AsyncDisposableStack, ...args: string[]) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const control = stack.use(await ControlProcess.start(...args));
  const { listen } = await control.proxy("web", (await echo.address()).replace("tcp://", ""));
  return { echo, control, address: `tcp://${listen}` };
}

/** Sends `text` through an echo and gets it back. */
async function exchange(conn: Deno.Conn, text: string): Promise<void> {
  await send(conn, text);
  assertEquals(await receiveText(conn, text.length), text);
}

Deno.test("GET /connections shows who is connected, and counts their bytes", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack);
  using conn = await connectTo(address);
  await exchange(conn, "hello");
  const [shown, ...more] = await control.connections("web");
  assertEquals(more, []);
  const { id, proxy, peer, state, sent, received, toxics } = shown!;
  const { port } = conn.localAddr as Deno.NetAddr;
  assertEquals({ id, proxy, peer, state, sent, received, toxics }, {
    id: 1,
    proxy: "web",
    peer: `127.0.0.1:${port}`,
    state: "open",
    sent: 5,
    received: 5,
    toxics: [],
  });
  assert(Math.abs(Date.parse(shown!.since) - Date.now()) < 60_000);
});

Deno.test("DELETE /connections/ID closes one connection, and no other", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack);
  using first = await connectTo(address);
  await exchange(first, "one");
  using second = await connectTo(address);
  await exchange(second, "two");
  assertEquals((await control.ask("DELETE", "/connections/1")).status, 204);
  assertEquals(await soon(first.read(new Uint8Array(1)), "the close"), null);
  await exchange(second, "still there");
  await until(async () => (await control.connections()).length === 1, "its end");
  assertEquals((await control.ask("DELETE", "/connections/1")).status, 404);
});

Deno.test({
  name: "DELETE /connections/ID?reset resets both sides",
  ignore: lacks("socket calls by libc"),
  async fn() {
    using target = listenHere();
    await using control = await ControlProcess.start();
    const { listen } = await control.proxy("web", target.address);
    using client = await connectTo(`tcp://${listen}`);
    await send(client, "hello");
    using server = await target.accept();
    assertEquals(await receiveText(server, 5), "hello");
    const reads = [client, server].map((conn) =>
      assertRejects(() => conn.read(new Uint8Array(1)), Deno.errors.ConnectionReset)
    );
    assertEquals((await control.ask("DELETE", "/connections/1?reset")).status, 204);
    await soon(Promise.all(reads), "both resets");
  },
});

Deno.test("DELETE /connections/ID?reset is 501 where neither side has one", async () => {
  await using folder = await temporary();
  await using echo = Coax.start(["echo", `unix:${folder.path}/echo`]);
  await echo.address();
  await using control = await ControlProcess.start();
  const { listen } = await control.proxy("web", `unix:${folder.path}/echo`, {
    listen: `unix:${folder.path}/web`,
  });
  using client = await connectTo(listen);
  await exchange(client, "hello");
  const { status, text } = await control.ask("DELETE", "/connections/1?reset");
  assertEquals(status, 501);
  assertMatch(JSON.parse(text).error, /^no reset can be sent to unix:\S+ and unix:\S+$/);
  await exchange(client, "still there");
});

Deno.test("GET /events tells each step, and the sums twice a second", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack);
  await using events = await Lines.open(`${control.url}/events`);
  const [before] = (await events.event("sums")).proxies;
  assertEquals([before.name, before.active, before.received], ["web", 0, 0]);
  const conn = await connectTo(address);
  await exchange(conn, "hello");
  for (const step of ["accept", "connected", "first-byte"]) {
    const { id, proxy, level } = await events.event("log", ({ event }) => event === step);
    assertEquals([id, proxy, level], [1, "web", "debug"]);
  }
  const { proxies, missed } = await events.event("sums", ({ proxies }) => proxies[0].sent > 0);
  const { active, connections, received, sent } = proxies[0];
  assertEquals([active, connections, received, sent, missed], [1, 1, 5, 5, 0]);
  conn.close();
  const close = await events.event("log", ({ event }) => event === "close");
  assertEquals([close.id, close.received, close.sent], [1, 5, 5]);
  assertEquals((await events.event("sums", ({ proxies }) => proxies[0].active === 0)).missed, 0);
});

Deno.test("a viewer of a sample is told how each connection has ended, and misses nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack);
  await using events = await Lines.open(`${control.url}/events?sample`);
  await events.event("sums");
  for (const id of [1, 2, 3]) {
    using conn = await connectTo(address);
    await exchange(conn, "hello");
    assertEquals((await control.ask("DELETE", `/connections/${id}`)).status, 204);
    const ended = await events.event("log", (one) => one.event === "ended" && one.id === id);
    assertMatch(ended.message, /as the control was asked to/);
  }
  const over = await events.event("sums", ({ proxies }) => proxies[0].active === 0);
  assertEquals(over.missed, 0);
});

Deno.test("a control with -v tells each step once", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack, "-v");
  await using events = await Lines.open(`${control.url}/events`);
  using conn = await connectTo(address);
  await exchange(conn, "hello");
  const steps: string[] = [];
  await events.event("log", ({ event, message }) => {
    if (event === "first-byte") steps.push(message.replace(/\d+\.\d+\.\d+\.\d+:\d+/, "…"));
    return steps.length === 4;
  });
  assertEquals(new Set(steps).size, 2);
});

Deno.test("a hostile name is escaped in events, and breaks none", async () => {
  await using control = await ControlProcess.start();
  await using events = await Lines.open(`${control.url}/events`);
  const name = '\n\nevent: log\ndata: {"event":"forged"}\r\x1b]8;;x\x07\u202e\u2028';
  await control.proxy(name, "127.0.0.1:9");
  const created = await events.event("log", ({ event, proxy }) => {
    assert(event !== "forged");
    return event === "proxy-created" && proxy === name;
  });
  assert(created.message.includes(name));
  const { proxies } = await events.event("sums", ({ proxies }) => proxies.length > 0);
  assertEquals(proxies[0].name, name);
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/.test(control.coax.stderr), false);
});

Deno.test("a secret in an address is masked in events, connections and metrics", async () => {
  await using control = await ControlProcess.start();
  await using events = await Lines.open(`${control.url}/events`);
  const { listen } = await control.proxy("web", "ws://127.0.0.1:9/?token=hunter2");
  const { message } = await events.event("log", ({ event }) => event === "proxy-created");
  using _conn = await connectTo(`tcp://${listen}`);
  const failed = await events.event("log", ({ event }) => event === "failed");
  const metrics = await control.ask("GET", "/metrics");
  assertEquals(`${message}${JSON.stringify(failed)}${metrics.text}`.includes("hunter2"), false);
});

Deno.test({
  name: "viewers that stall hold up neither the traffic nor others, and grow nothing",
  ignore: lacks("/proc"),
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { control, address } = await controlled(stack);
    // Every event about this proxy has its name, in 7 kB and more.
    const name = "x".repeat(7000);
    await control.proxy(name, "127.0.0.1:9");
    const stalled: Deno.Conn[] = [];
    stack.defer(() => stalled.forEach((conn) => conn.close()));
    for (let viewer = 0; viewer < 10; viewer++) {
      const conn = await connectTo(control.url);
      await send(conn, "GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n");
      await receive(conn, 17);
      stalled.push(conn);
    }
    const quick = stack.use(await Lines.open(`${control.url}/events`));
    const base = rss(control.coax.pid);
    const bytes = randomBytes(LARGE);
    for (let round = 0; round < 400; round++) {
      const changing = control.ask("PATCH", `/proxies/${name}`, { enabled: round % 2 === 1 });
      if (round % 100 === 0) {
        using conn = await connectTo(address);
        const [received] = await Promise.all([receive(conn, LARGE), send(conn, bytes)]);
        assertEquals(received, bytes);
      }
      assertEquals((await changing).status, 200);
    }
    const { proxies } = await quick.event("sums", ({ proxies }) => proxies[0].connections === 4);
    assertEquals(proxies[0].connections, 4);
    const grown = (rss(control.coax.pid) - base) / MiB;
    assert(grown < 60, `grown by ${grown} MiB`);
    await using late = Lines.from(stalled.shift()!.readable);
    const { missed } = await late.event("sums", ({ missed }) => missed > 0);
    assert(missed > 100, `${missed} events were missed`);
  },
});

Deno.test({
  name: "a viewer that is killed costs nothing any more, and its place is free",
  ignore: lacks("/proc"),
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { control } = await controlled(stack);
    const { pid } = control.coax;
    const open = descriptors(pid);
    for (const path of ["/events", "/recording"]) {
      const most = path === "/events" ? 16 : 8;
      const curls = Array.from({ length: most }, () => {
        const curl = Coax.spawn(["curl", "-sN", control.url + path]);
        return stack.use(curl);
      });
      for (const curl of curls) await curl.printsBytes(1);
      assertEquals((await control.ask("GET", path)).status, 503);
      for (const curl of curls) curl.signal("SIGKILL");
      await descriptorsBackTo(open, pid);
      await using _viewer = await Lines.open(control.url + path);
    }
  },
});

Deno.test("SIGTERM ends viewers and recordings in order", async () => {
  await using control = await ControlProcess.start();
  await using events = await Lines.open(`${control.url}/events`);
  await events.event("sums");
  await using recording = await Lines.open(`${control.url}/recording`);
  // Meanwhile memory is collected, with which a request that nobody keeps would go.
  for (let count = 0; count < 2; count++) await events.event("sums");
  control.coax.signal("SIGTERM");
  while (await events.next() !== undefined);
  while (await recording.next() !== undefined);
  assertEquals((await control.coax.exit()).status, 0);
});

Deno.test("GET /metrics names each proxy, by coax's names and toxiproxy's", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, echo, address } = await controlled(stack);
  await control.proxy("db", "127.0.0.1:9");
  using conn = await connectTo(address);
  await exchange(conn, "hello");
  const { text, headers } = await control.ask("GET", "/metrics");
  assertEquals(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const upstream = (await echo.address()).replace("tcp://", "");
  const labels = `listener="${address.replace("tcp://", "")}",proxy="web",upstream="${upstream}"`;
  for (
    const line of [
      'coax_connections_total{proxy="web"} 1',
      'coax_connections_active{proxy="web"} 1',
      'coax_connections_total{proxy="db"} 0',
      'coax_received_bytes_total{proxy="web"} 5',
      `toxiproxy_proxy_received_bytes_total{direction="upstream",${labels}} 5`,
      `toxiproxy_proxy_received_bytes_total{direction="downstream",${labels}} 5`,
      `toxiproxy_proxy_sent_bytes_total{direction="upstream",${labels}} 5`,
      `toxiproxy_proxy_sent_bytes_total{direction="downstream",${labels}} 5`,
    ]
  ) {
    assert(text.includes(`\n${line}\n`), `${line} in\n${text}`);
  }
});

Deno.test("a recording of a control can be played back and checked", async () => {
  await using folder = await temporary();
  await using stack = new AsyncDisposableStack();
  const { control, echo, address } = await controlled(stack);
  const file = `${folder.path}/recording.jsonl`;
  await using curl = Coax.spawn(["curl", "-sN", `${control.url}/recording?proxy=web`, "-o", file]);
  const other = await control.proxy("db", (await echo.address()).replace("tcp://", ""));
  await until(async () => {
    using conn = await connectTo(`tcp://${other.listen}`);
    await exchange(conn, "not mine");
    using mine = await connectTo(address) as Deno.TcpConn;
    await exchange(mine, "hello");
    await send(mine, new Uint8Array([0, 255, 254]));
    await mine.closeWrite();
    await receive(mine);
    return (await Deno.readTextFile(file).catch(() => "")).includes('"close"');
  }, "a recorded connection");
  assertEquals((await control.ask("DELETE", "/proxies/web")).status, 204);
  assertEquals((await curl.exit()).status, 0);
  const lines = (await Deno.readTextFile(file)).split("\n").filter(Boolean);
  assertEquals(lines.some((line) => line.includes("not mine")), false);
  const replayed = await run(["replay", file, await echo.address(), "--check", "--speed", "max"]);
  assertEquals([replayed.status, replayed.stderr.includes("differs")], [0, false], replayed.stderr);
});

Deno.test("a recording whose reader is too slow ends with a line, and the traffic goes on", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack);
  using slow = await connectTo(control.url);
  await send(slow, "GET /recording HTTP/1.0\r\nHost: localhost\r\n\r\n");
  await receive(slow, 17);
  const bytes = randomBytes(LARGE);
  for (let round = 0; round < 4; round++) {
    using conn = await connectTo(address);
    const [received] = await Promise.all([receive(conn, LARGE), send(conn, bytes)]);
    assertEquals(received, bytes);
  }
  const lines = (await receiveText(slow)).trimEnd().split("\n");
  const { event, text } = JSON.parse(lines.at(-1)!);
  assertEquals([event, text], ["error", "the reader was too slow: the recording ends here"]);
});

for (const stream of ["upstream", "downstream"]) {
  Deno.test(`GET /events has the round trips of each proxy, with latency ${stream}`, async () => {
    await using stack = new AsyncDisposableStack();
    const { control, address } = await controlled(stack);
    await using events = await Lines.open(`${control.url}/events`);
    using conn = await connectTo(address);
    assertEquals((await events.event("sums")).proxies[0].roundTrip, { count: 0 });
    const toxic = { type: "latency", stream, attributes: { latency: 120 } };
    await control.json(200, "POST", "/proxies/web/toxics", toxic);
    let roundTrip = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    let took = 0;
    while (roundTrip.count === 0) {
      const start = performance.now();
      await exchange(conn, "slow");
      took = Math.max(took, (performance.now() - start) * 1000);
      ({ proxies: [{ roundTrip }] } = await events.event("sums"));
    }
    const { count, p50, p90, p99, max } = roundTrip;
    assert(count > 0 && p50 <= p90 && p90 <= p99 && p99 <= max, JSON.stringify(roundTrip));
    assert(p50 >= 118_000 && max <= took * 65 / 64, `${p50} to ${max} µs of ${took}`);
  });
}
