/** `relay --control`: a relay that is watched and changed over HTTP while it runs. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { platform } from "../../src/platform/platform.ts";
import { until } from "../support/wait.ts";
import { Coax, run, temporary } from "./coax.ts";
import { ControlProcess, type ShownProxy } from "./control.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

/** An echo, and a relay to it with these options and a control. */
async function relayToEcho(stack: AsyncDisposableStack, ...args: string[]) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const upstream = (await echo.address()).replace("tcp://", "");
  const words = ["relay", "127.0.0.1:0", upstream, "--control", "127.0.0.1:0", ...args];
  const control = stack.use(await ControlProcess.of(words));
  return { upstream, control, address: await control.coax.address() };
}

async function roundTrip(address: string): Promise<number> {
  using conn = await connectTo(address);
  const start = performance.now();
  await send(conn, "hello");
  assertEquals(await receiveText(conn, 5), "hello");
  return performance.now() - start;
}

Deno.test("a relay is the proxy that --control offers, by the name that --name gives it", async () => {
  await using stack = new AsyncDisposableStack();
  const { upstream, control, address } = await relayToEcho(stack);
  const listen = address.replace("tcp://", "");
  const own = { name: "relay", listen, upstream, enabled: true, toxics: [] };
  assertEquals(await control.json(200, "GET", "/proxies"), { relay: own });
  await roundTrip(address);
  const named = await relayToEcho(stack, "--name", "redis");
  assertEquals(Object.keys(await named.control.json(200, "GET", "/proxies")), ["redis"]);
});

Deno.test("its faults are toxics, which can be changed and removed while a connection is open", async () => {
  await using stack = new AsyncDisposableStack();
  const options = ["--delay", "200ms", "--toxic", "noop:name=x,stream=upstream"];
  const { control, address } = await relayToEcho(stack, ...options);
  using conn = await connectTo(address);
  const echo = async () => {
    const start = performance.now();
    await send(conn, "hello");
    assertEquals(await receiveText(conn, 5), "hello");
    return performance.now() - start;
  };
  assert(await echo() >= 399);
  const { toxics } = await control.json<ShownProxy>(200, "GET", "/proxies/relay");
  assertEquals(toxics.map(({ type }) => type).sort(), ["latency", "latency", "noop"]);
  const [info] = await control.connections();
  assertEquals([...info!.toxics].sort(), toxics.map(({ name }) => name).sort());
  for (const { name } of toxics) await control.ask("DELETE", `/proxies/relay/toxics/${name}`);
  assert(await echo() < 399);
});

Deno.test("disabled or removed, it goes on, and can be enabled or made again", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address, upstream } = await relayToEcho(stack);
  const listen = address.replace("tcp://", "");
  await control.json(200, "POST", "/proxies/relay", { enabled: false });
  await assertRejects(() => connectTo(address), Deno.errors.ConnectionRefused);
  await control.json(200, "POST", "/proxies/relay", { enabled: true });
  await roundTrip(address);
  assertEquals((await control.ask("DELETE", "/proxies/relay")).status, 204);
  await assertRejects(() => connectTo(address), Deno.errors.ConnectionRefused);
  assert(control.coax.running);
  await control.proxy("relay", upstream, { listen });
  await roundTrip(address);
  control.coax.signal("SIGTERM");
  assertEquals((await control.coax.exit()).status, 0);
});

Deno.test("proxies beside it may need rights that the relay itself doesn't", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const { control } = await relayToEcho(stack);
  const listen = `unix:${folder.path}/s`;
  await control.proxy("command", "exec:cat", { listen });
  await roundTrip(listen);
  assertEquals((await control.ask("DELETE", "/proxies/command")).status, 204);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("several targets stay, however the relay is disabled and enabled", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = [stack.use(listenHere()), stack.use(listenHere())];
  const words = ["relay", "127.0.0.1:0", one.address, two.address, "--control", "127.0.0.1:0"];
  const control = stack.use(await ControlProcess.of(words));
  const { upstream } = await control.json<ShownProxy>(200, "GET", "/proxies/relay");
  assertEquals(upstream, `${one.address} ${two.address}`);
  await control.json(200, "POST", "/proxies/relay", { enabled: false, upstream });
  await control.json(200, "POST", "/proxies/relay", { enabled: true });
  const address = await control.coax.address();
  for (const target of [one, two]) {
    stack.use(await connectTo(address));
    stack.use(await target.accept());
  }
});

Deno.test("--metrics and --record go on beside --control", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const recording = `${folder.path}/r.jsonl`;
  const options = ["--metrics", "127.0.0.1:0", "--record", recording];
  const { control, address } = await relayToEcho(stack, ...options);
  await roundTrip(address);
  await control.json(200, "POST", "/proxies/relay", { enabled: false });
  await control.json(200, "POST", "/proxies/relay", { enabled: true });
  await roundTrip(address);
  const [, url] = await control.coax.logs(/^metrics on (\S+)$/m);
  const metrics = await (await fetch(url!)).text();
  assertMatch(metrics, /^coax_connections_total 2$/m);
  assertMatch((await control.ask("GET", "/metrics")).text, /^coax_connections_total\{.*\} 2$/m);
  control.coax.signal("SIGTERM");
  assertEquals((await control.coax.exit()).status, 0);
  const lines = (await Deno.readTextFile(recording)).trimEnd().split("\n");
  const ids = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "open");
  assertEquals(ids.map(({ id }) => id), [1, 2]);
});

Deno.test("--ready-file has the relay's addresses first, and then the control's", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const ready = `${folder.path}/ready`;
  const { control, address } = await relayToEcho(stack, "--ready-file", ready);
  const written = () => Deno.readTextFile(ready).catch(() => "");
  await until(async () => await written() === `${address}\n${control.url}/\n`, "both addresses");
});

Deno.test("--panel is a control on a free port of this machine, whose URL is printed", async () => {
  await using control = await ControlProcess.of(["relay", "127.0.0.1:0", "127.0.0.1:9", "--panel"]);
  assertMatch(control.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const { headers, text } = await control.ask("GET", "/");
  assertEquals(headers.get("content-type"), "text/html; charset=utf-8");
  assertMatch(text, /^<!doctype html>/i);
  assertEquals(Object.keys(await control.json(200, "GET", "/proxies")), ["relay"]);
});

/** The environment with an opener of URLs that does `line`. */
async function withOpener(folder: string, line: string): Promise<Record<string, string>> {
  const [name] = platform().opener("");
  await Deno.writeTextFile(`${folder}/${name}`, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${Deno.env.get("PATH")}` };
}

for (const words of [["control", "127.0.0.1:0"], ["relay", "127.0.0.1:0", "9", "--panel"]]) {
  Deno.test(`${words[0]} --open shows the panel in a browser, and goes on`, async () => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporary());
    const shown = `${folder.path}/shown`;
    const env = await withOpener(folder.path, `echo "$1" > ${shown}.new; mv ${shown}.new ${shown}`);
    await using control = await ControlProcess.of([...words, "--open"], { env });
    await until(async () => await Deno.stat(shown).then(() => true, () => false), "the opener");
    assertEquals(await Deno.readTextFile(shown), `${control.url}/\n`);
    assertEquals((await control.ask("GET", "/version")).status, 200);
  });
}

Deno.test("--open says so where no browser can be opened, and goes on", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const env = await withOpener(folder.path, "exit 3");
  await using control = await ControlProcess.of(["control", "127.0.0.1:0", "--open"], { env });
  await control.coax.logs(/^--open: open http:.*ended with status 3; the panel is at http:/m);
  assertEquals((await control.ask("GET", "/version")).status, 200);
});

for (
  const [args, message] of [
    [["9", "8", "--control", "0", "--once"], /--once: excludes --control/],
    [["-", "8", "--control", "0"], /--control: - is stdin and stdout; expected tcp/],
    [["exec:cat", "8", "--control", "0"], /--control: exec:cat is a command; expected tcp/],
    [["9", "8", "--panel", "--control", "0"], /--panel: excludes --control/],
    [["9", "8", "--panel", "--once"], /--once: excludes --panel/],
    [["-", "8", "--panel"], /--panel: - is stdin and stdout; expected tcp/],
    [["9", "8", "--open"], /--open: needs --control or --panel/],
    [["0", "8", "--control", "unix:/x", "--open"], /--open: no browser can open --control "unix:/],
    [["9", "8", "--name", "x"], /--name: needs --control/],
    [["9", "8", "--token", "x"], /--token: needs --control/],
    [["0", "8", "--control", ":0"], /--token: required: --control ":0"/],
    [["0", "8", "--control", "udp://9"], /--control "udp:\/\/9": expected/],
    [["0", "8", "--control", "0", "--name", ""], /--name: expected a name/],
  ] as const
) {
  Deno.test(`status 2: coax relay ${args.join(" ")}`, async () => {
    const { status, stderr } = await run(["relay", ...args]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, message);
    assert(!stderr.includes("listening on"), stderr);
  });
}
