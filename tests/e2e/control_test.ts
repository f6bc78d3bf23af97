/** Proxies of a control at work: what passes them, what closes them, and what they leave behind. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { descriptors, descriptorsBackTo, sockets } from "../support/process.ts";
import { until } from "../support/wait.ts";
import { temporary } from "./coax.ts";
import { ControlProcess } from "./control.ts";
import {
  connectTo,
  fullBacklog,
  LARGE,
  listenHere,
  randomBytes,
  receive,
  receiveText,
  send,
  sha256,
  soon,
  unusedPort,
} from "./peers.ts";

const tcp = (listen: string) => `tcp://${listen}`;

/** A control with a proxy to a listener of ours. */
async function withTarget(stack: AsyncDisposableStack) {
  const target = stack.use(listenHere());
  const control = stack.use(await ControlProcess.start());
  const { listen } = await control.proxy("a", target.address);
  const pair = async () => {
    const client = stack.use(await connectTo(tcp(listen)));
    return { client, server: stack.use(await target.accept()) };
  };
  return { control, target, listen, pair };
}

Deno.test("half-close passes a proxy: the answer comes after the client's end", async () => {
  await using stack = new AsyncDisposableStack();
  const { pair, control } = await withTarget(stack);
  const { client, server } = await pair();
  const bytes = randomBytes(LARGE);
  const sent = send(client, bytes).then(() => client.closeWrite());
  assertEquals(await sha256(await receive(server)), await sha256(bytes));
  await sent;
  const [info] = await control.connections();
  assertEquals([info!.state, info!.received], ["half-closed", LARGE]);
  await send(server, "the answer");
  server.close();
  assertEquals(await receiveText(client), "the answer");
  await until(async () => (await control.connections()).length === 0, "the connection is over");
});

Deno.test("a connection is listed with its proxy, peer, target, bytes and toxics", async () => {
  await using stack = new AsyncDisposableStack();
  const { pair, control, target } = await withTarget(stack);
  await control.json(200, "POST", "/proxies/a/toxics", { type: "noop", stream: "upstream" });
  const { client, server } = await pair();
  await send(client, "hello");
  await receiveText(server, 5);
  await send(server, "you");
  await receiveText(client, 3);
  const { hostname, port } = client.localAddr as Deno.NetAddr;
  await until(async () => (await control.connections())[0]?.sent === 3, "its bytes are counted");
  const { since, ...info } = (await control.connections("a"))[0]!;
  assertEquals(info, {
    id: 1,
    proxy: "a",
    peer: `${hostname}:${port}`,
    target: target.address,
    state: "open",
    sent: 3,
    received: 5,
    toxics: ["noop_upstream"],
  });
  assert(Math.abs(Date.parse(since) - Date.now()) < 60_000, since);
});

for (const act of ["disable", "remove", "move"] as const) {
  Deno.test(`to ${act} a proxy closes its connections at once, and refuses new ones`, async () => {
    await using stack = new AsyncDisposableStack();
    const { pair, control, listen } = await withTarget(stack);
    const { client, server } = await pair();
    const other = stack.use(listenHere());
    if (act === "disable") await control.json(200, "POST", "/proxies/a", { enabled: false });
    if (act === "remove") assertEquals((await control.ask("DELETE", "/proxies/a")).status, 204);
    if (act === "move") {
      const change = { listen: `127.0.0.1:${unusedPort()}`, upstream: other.address };
      await control.json(200, "PATCH", "/proxies/a", change);
    }
    await assertRejects(() => connectTo(tcp(listen)), Deno.errors.ConnectionRefused);
    assertEquals([await receiveText(client), await receiveText(server)], ["", ""]);
    await until(async () => (await control.connections()).length === 0, "no connection is left");
  });
}

Deno.test("a PATCH that changes nothing leaves connections open, in whatever spelling", async () => {
  await using stack = new AsyncDisposableStack();
  const { pair, control, listen, target } = await withTarget(stack);
  const { client, server } = await pair();
  const port = listen.split(":").at(-1);
  for (const same of [listen, `localhost:${port}`, `tcp://127.0.0.1:${port}`]) {
    const change = { listen: same, upstream: target.address, enabled: true };
    const shown = await control.json<{ listen: string }>(200, "PATCH", "/proxies/a", change);
    assertEquals(shown.listen, listen);
  }
  await send(client, "still here");
  assertEquals(await receiveText(server, 10), "still here");
});

for (const act of ["DELETE /proxies/a", "POST /proxies/a"]) {
  Deno.test(`${act} is answered at once while 50 connections are stalled`, async () => {
    await using stack = new AsyncDisposableStack();
    const { pair, control } = await withTarget(stack);
    const before = descriptors(control.coax.pid);
    const stalled: Awaited<ReturnType<typeof pair>>[] = [];
    while (stalled.length < 50) stalled.push(await pair());
    const much = new Uint8Array(16 * 1024 * 1024);
    const writing = stalled.map(({ client }) => client.write(much).catch(() => 0));
    await until(async () => {
      const infos = await control.connections();
      return infos.length === 50 && infos.every(({ received }) => received > 0);
    }, "all have begun");
    const start = performance.now();
    const [method, path] = act.split(" ") as [string, string];
    await soon(control.ask(method, path, { enabled: false }), act, 5000);
    const ms = performance.now() - start;
    assert(ms < 1000, `${ms} ms`);
    await until(async () => (await control.connections()).length === 0, "all are over");
    await descriptorsBackTo(before, control.coax.pid);
    for (const { client, server } of stalled) {
      server.close();
      client.close();
    }
    await Promise.all(writing);
  });
}

Deno.test("removing is answered at once while a dial hangs, whose socket is closed", async () => {
  await using stack = new AsyncDisposableStack();
  using target = await fullBacklog();
  const control = stack.use(await ControlProcess.start("--connect-timeout", "1m"));
  const open = sockets(control.coax.pid);
  const { listen } = await control.proxy("a", target.address);
  const client = stack.use(await connectTo(tcp(listen)));
  await until(
    async () => (await control.connections())[0]?.state === "connecting",
    "it is connecting",
  );
  await soon(control.ask("DELETE", "/proxies/a"), "removal", 5000);
  assertEquals(await receiveText(client), "");
  await until(() => sockets(control.coax.pid) === open, "the dial's socket is closed");
  assertEquals(await control.connections(), []);
});

Deno.test("a target that is tried again and again isn't, once its proxy is removed", async () => {
  await using stack = new AsyncDisposableStack();
  const options = ["--retry", "forever", "--retry-delay", "20ms"];
  const control = stack.use(await ControlProcess.start(...options));
  const { listen } = await control.proxy("a", `127.0.0.1:${unusedPort()}`);
  const client = stack.use(await connectTo(tcp(listen)));
  await control.coax.logs(/trying again.*\n.*trying again/);
  await control.ask("DELETE", "/proxies/a");
  assertEquals(await receiveText(client), "");
  const tries = () => control.coax.stderr.match(/trying again/g)!.length;
  const before = tries();
  // Each wait doubles: as many tries as there were would take that long again at most.
  const { listen: other } = await control.proxy("b", `127.0.0.1:${unusedPort()}`);
  stack.use(await connectTo(tcp(other)));
  await until(() => tries() >= 2 * before + 2, "the other one is tried as often");
  assertEquals(control.coax.stderr.match(/^\[1\] .*trying again/gm)!.length, before);
});

Deno.test("what is on its way to the target doesn't outlive its proxy", async () => {
  await using stack = new AsyncDisposableStack();
  const { pair, control } = await withTarget(stack);
  const latency = { type: "latency", stream: "upstream", attributes: { latency: 3_600_000 } };
  await control.json(200, "POST", "/proxies/a/toxics", latency);
  const { client, server } = await pair();
  await send(client, "late");
  client.close();
  await server.closeWrite();
  await until(
    async () => (await control.connections())[0]?.state === "closing",
    "the client is gone",
  );
  await control.ask("DELETE", "/proxies/a");
  assertEquals(await receiveText(server), "");
  await until(async () => (await control.connections()).length === 0, "nothing is left");
});

Deno.test("1,000 proxies made and removed leave no listener and no descriptor", async () => {
  await using control = await ControlProcess.start();
  await control.proxy("first", "127.0.0.1:9");
  await control.ask("DELETE", "/proxies/first");
  const before = sockets(control.coax.pid);
  for (let round = 0; round < 20; round++) {
    const names = Array.from({ length: 50 }, (_, i) => `${round}-${i}`);
    const made = await Promise.all(names.map((name) => control.proxy(name, "127.0.0.1:9")));
    assertEquals(new Set(made.map(({ listen }) => listen)).size, 50);
    const removed = names.map((name) => control.ask("DELETE", `/proxies/${name}`));
    assertEquals(new Set((await Promise.all(removed)).map(({ status }) => status)).size, 1);
  }
  assertEquals(await control.json(200, "GET", "/proxies"), {});
  await until(() => sockets(control.coax.pid) <= before, "every socket is closed");
});

Deno.test("changes of one proxy at once end in one of their states, and none is lost", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, target } = await withTarget(stack);
  const ports = Array.from({ length: 8 }, unusedPort);
  const changes = ports.map((port, i) => {
    const change = { listen: `127.0.0.1:${port}`, upstream: target.address, enabled: i % 3 !== 0 };
    return control.ask("PATCH", "/proxies/a", change);
  });
  const answers = await Promise.all(changes);
  assertEquals(answers.map(({ status }) => status), ports.map(() => 200));
  assertEquals(
    answers.map(({ text }) => JSON.parse(text).enabled),
    ports.map((_, i) => i % 3 !== 0),
  );
  const twins = await Promise.all(
    ports.map(() => control.ask("POST", "/proxies", { name: "b", upstream: target.address })),
  );
  assertEquals(twins.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  const removals = await Promise.all(ports.map(() => control.ask("DELETE", "/proxies/b")));
  assertEquals(removals.map(({ status }) => status).sort(), [204, ...Array(7).fill(404)]);
  const { enabled, listen } = await control.json<{ enabled: boolean; listen: string }>(
    200,
    "PATCH",
    "/proxies/a",
    { enabled: true },
  );
  assert(enabled);
  using _ = await connectTo(tcp(listen));
});

Deno.test("the last word counts when a proxy is enabled and disabled in quick succession", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, listen } = await withTarget(stack);
  for (let i = 0; i < 20; i++) {
    const states = [false, true, false, true];
    await Promise.all(states.map((enabled) => control.ask("POST", "/proxies/a", { enabled })));
  }
  const shown = await control.json<{ listen: string }>(200, "GET", "/proxies/a");
  assertEquals(shown.listen, listen);
});

Deno.test("the program ends in order: status 0, its Unix sockets removed, connections drained", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const { control, pair } = await withTarget(stack);
  await control.proxy("u", "127.0.0.1:9", { listen: `unix:${folder.path}/s` });
  const { client, server } = await pair();
  control.coax.signal("SIGTERM");
  await control.coax.logs(/1 open connection may finish/);
  await send(client, "bye");
  assertEquals(await receiveText(server, 3), "bye");
  client.close();
  server.close();
  const { status, stderr } = await control.coax.exit();
  assertEquals(status, 0, stderr);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("numbers in the log are those of the proxies' connections alone", async () => {
  await using stack = new AsyncDisposableStack();
  const target = stack.use(listenHere());
  const control = stack.use(await ControlProcess.start("-v"));
  const { listen } = await control.proxy("a", target.address);
  await control.connections();
  stack.use(await connectTo(tcp(listen)));
  stack.use(await target.accept());
  await control.coax.logs(/^\[1\] connected to /m);
  assertEquals(control.coax.stderr.match(/^\[\d+\] accept /gm), ["[1] accept "]);
  assertMatch(control.coax.stderr, /^accept 127\.0\.0\.1:\d+ on /m);
});

Deno.test("a connection that fails is logged with its proxy, and counted there alone", async () => {
  await using control = await ControlProcess.of(["control", "127.0.0.1:0", "--log-format", "text"]);
  const { listen } = await control.proxy("dead", `127.0.0.1:${unusedPort()}`);
  using client = await connectTo(tcp(listen));
  assertEquals(await receiveText(client), "");
  await control.coax.logs(/^coax: \[1\] connect 127\.0\.0\.1:\d+: connection refused$/m);
  const { text } = await control.ask("GET", "/metrics");
  assertMatch(text, /^coax_errors_total\{proxy="dead",kind="unavailable"\} 1$/m);
});
