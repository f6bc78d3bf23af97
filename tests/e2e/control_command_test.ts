/** `coax control` as a command: its file of proxies, its token, its address, its seed, its end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, run, temporary } from "./coax.ts";
import { ControlProcess, type ShownProxy } from "./control.ts";
import { connectTo, listenHere, receiveText, send, unusedPort } from "./peers.ts";
import { until } from "../support/wait.ts";

const UPSTREAM = "127.0.0.1:9";

Deno.test("without an address it is toxiproxy's, on loopback", async () => {
  await using control = Coax.start(["control"]);
  // Another program may have the port: then that is what it says.
  await control.logs(/control on http:\/\/127\.0\.0\.1:8474\/\n|coax: listen 8474: address in use/);
});

Deno.test("--config makes the proxies of a file, with their toxics, before it is ready", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const [config, ready] = [`${folder.path}/proxies.json`, `${folder.path}/ready`];
  const latency = { type: "latency", attributes: { latency: 5 } };
  const proxies = [
    { name: "one", listen: "127.0.0.1:0", upstream: UPSTREAM, toxics: [latency], Logger: {} },
    { name: "two", listen: `unix:${folder.path}/s`, upstream: UPSTREAM, enabled: true },
    { name: "off", listen: "127.0.0.1:0", upstream: UPSTREAM, enabled: false },
  ];
  await Deno.writeTextFile(config, JSON.stringify(proxies));
  const control = stack.use(
    await ControlProcess.start("--config", config, "--ready-file", ready),
  );
  const made = await control.json<Record<string, ShownProxy>>(200, "GET", "/proxies");
  assertEquals(Object.keys(made), ["one", "two", "off"]);
  assertEquals(made.one!.toxics.map(({ name }) => name), ["latency_downstream"]);
  assertEquals([made.two!.listen, made.off!.enabled], [`unix:${folder.path}/s`, false]);
  const lines = await linesOf(ready, 3);
  assertEquals(lines, [`tcp://${made.one!.listen}`, `unix:${folder.path}/s`, `${control.url}/`]);
  assertEquals(await control.coax.listening(2), lines.slice(0, 2));
  assertEquals(control.coax.stderr.includes("ignored"), false);
});

/** The lines of a file that another process writes, once it is there with `count` whole lines. */
async function linesOf(path: string, count: number): Promise<string[]> {
  let lines: string[] = [];
  const isWhole = async () => {
    const text = await Deno.readTextFile(path).catch(() => ""); // It isn't there yet.
    lines = text.split("\n").slice(0, -1);
    return lines.length >= count;
  };
  await until(isWhole, `${path} has ${count} lines`);
  return lines;
}

/** The content of a file for `--config`, and what is wrong with it. */
const WRONG: readonly [content: string, message: RegExp][] = [
  ["", /: isn't JSON: /],
  ["[{]", /: isn't JSON: /],
  ["[] x", /: isn't JSON: /],
  ["{}", /: expected an array of proxies/],
  ["[5]", /: proxy: expected an object at proxy 1/],
  ['[{"upstream":"9"}]', /: missing required field: name at proxy 1/],
  ['[{"name":"a"}]', /: missing required field: upstream at proxy 1/],
  ['[{"name":"a","upstream":"h:1:2"}]', /: upstream "h:1:2": expected PORT.* at proxy 1/],
  ['[{"name":"a","upstream":"9","listen":"bad"}]', /: listen tcp: address bad: missing port/],
  ['[{"name":"a","upstream":"9"},{"name":"a","upstream":"9"}]', /: a exists already at proxy 2/],
  ['[{"name":"a","upstream":"9","enabled":1}]', /: enabled: expected a boolean at proxy 1/],
  ['[{"name":"a","upstream":"9","toxics":[{}]}]', /: invalid toxic type at proxy 1/],
  [
    '[{"name":"a","upstream":"9","toxics":[{"type":"latency","attributes":{"latency":-1}}]}]',
    /: .*latency.*whole number.* at proxy 1/,
  ],
];

for (const [content, message] of WRONG) {
  Deno.test(`--config that isn't right is status 2: ${content.slice(0, 60)}`, async () => {
    await using folder = await temporary();
    const config = `${folder.path}/proxies.json`;
    await Deno.writeTextFile(config, content);
    const { status, stderr } = await run(["control", "127.0.0.1:0", "--config", config]);
    const [line] = stderr.split("\n").filter((line) => line.startsWith("coax: "));
    assertEquals(status, 2, stderr);
    assert(line!.startsWith(`coax: --config ${config}: `), line);
    assertMatch(line!, message);
    assertMatch(line!, /Try 'coax control --help'$/);
  });
}

Deno.test("--config: a missing file is status 2, a taken port is 4", async () => {
  await using folder = await temporary();
  using taken = listenHere();
  const config = `${folder.path}/proxies.json`;
  const missing = await run(["control", "127.0.0.1:0", "--config", config]);
  assertEquals(missing.status, 2);
  assertMatch(missing.stderr, /--config .*proxies\.json: can't be read: no such file/);
  const proxies = [{ name: "a", listen: taken.address, upstream: UPSTREAM }];
  await Deno.writeTextFile(config, JSON.stringify(proxies));
  const { status, stderr } = await run(["control", "127.0.0.1:0", "--config", config]);
  assertEquals(status, 4);
  assertMatch(stderr, /^coax: listen 127\.0\.0\.1:\d+: address in use(?:; .+ has it)?\n$/);
});

Deno.test("--config names fields that nothing reads, and goes on", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const config = `${folder.path}/proxies.json`;
  const toxic = { type: "latency", attributes: { latncy: 5 }, streem: "upstream" };
  const proxy = { name: "a", upstream: UPSTREAM, toxics: [toxic], enbled: false };
  await Deno.writeTextFile(config, JSON.stringify([proxy]));
  const control = stack.use(await ControlProcess.start("--config", config));
  for (const name of ["enbled", "latncy", "streem"]) {
    assertMatch(control.coax.stderr, new RegExp(`"${name}" is no field, and ignored`));
  }
});

Deno.test("a token is asked for, and one is required where other machines can ask", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const file = `${folder.path}/token`;
  await Deno.writeTextFile(file, "s3cret\n");
  const control = stack.use(await ControlProcess.start("--token", `@${file}`));
  const { status, headers } = await control.ask("GET", "/proxies");
  assertEquals(status, 401);
  assertMatch(headers.get("www-authenticate")!, /^Bearer /);
  const authorized = { headers: { Authorization: "Bearer s3cret" } };
  const answer = await fetch(`${control.url}/proxies`, authorized);
  assertEquals([answer.status, await answer.text()], [200, "{}"]);
  const wide = await run(["control", ":0"]);
  assertEquals(wide.status, 2);
  assertMatch(wide.stderr, /^coax: --token: .*":0".*Try 'coax control --help'$/m);
  const missing = await run(["control", "0", "--token", `@${folder.path}/nothing`]);
  assertEquals(missing.status, 2);
  assertEquals((await run(["control", ":0", "--token", ""])).status, 2);
  const open = stack.use(await ControlProcess.of(["control", ":0", "--token", "x"]));
  await open.coax.logs(/anyone who can reach this machine can ask the control/);
});

Deno.test("an address that is taken is status 4, one of another kind is 2", async () => {
  using taken = listenHere();
  const { status, stderr } = await run(["control", taken.address]);
  assertEquals(status, 4);
  assertMatch(stderr, /^coax: listen 127\.0\.0\.1:\d+: address in use(?:; .+ has it)?\n$/);
  for (const address of ["udp://9", "ws://9", "exec:cat", "x y"]) {
    assertEquals((await run(["control", address])).status, 2, address);
  }
  assertEquals((await run(["control", "1", "2"])).status, 2);
});

Deno.test("TLS options that can't be used are status 2 before anything listens", async () => {
  for (
    const args of [["--cert", "/nowhere"], ["--ca", "/nowhere"], ["--client-cert", "/nowhere"]]
  ) {
    const { status, stderr } = await run(["control", "0", ...args]);
    assertEquals(status, 2, stderr);
    assert(!stderr.includes("control on"), stderr);
  }
});

/** Which of 40 connections draw a toxic of toxicity 0.5, by the order in which they come. */
async function draws(seed: string, name: string): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const target = stack.use(listenHere());
  const control = stack.use(await ControlProcess.start("--seed", seed));
  const toxics = [{ type: "noop", toxicity: 0.5 }];
  const { listen } = await control.proxy(name, target.address, { toxics });
  let drawn = "";
  for (let i = 1; i <= 40; i++) {
    const client = stack.use(await connectTo(`tcp://${listen}`));
    await send(client, "x");
    const server = stack.use(await target.accept());
    await receiveText(server, 1);
    const info = (await control.connections()).at(-1)!;
    assertEquals(info.id, i);
    drawn += info.toxics.length;
  }
  return drawn;
}

Deno.test("the same seed gives the same draws in the same order, for each proxy its own", async () => {
  const [one, again, other, elsewhere] = await Promise.all([
    draws("7", "a"),
    draws("7", "a"),
    draws("8", "a"),
    draws("7", "b"),
  ]);
  assertEquals(again, one);
  assert(other !== one && elsewhere !== one, `${other}, ${elsewhere}`);
  const hits = [...one].filter((digit) => digit === "1").length;
  assert(hits > 5 && hits < 35, `${hits} of 40`);
});

Deno.test("what happens to proxies is an event of the log, with the proxy's name", async () => {
  await using control = await ControlProcess.start();
  control.coax.signal("SIGINT");
  assertEquals((await control.coax.exit()).status, 0);
  const args = ["control", `127.0.0.1:${unusedPort()}`, "--log-format", "json"];
  await using coax = Coax.start(args);
  const [, url] = await coax.logs(/"event":"control","address":"([^"]+)\/"/);
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, { method, body: JSON.stringify(body) });
    const text = await response.text();
    assert(response.ok, `${method} ${path}: ${text}`);
  };
  await ask("POST", "/proxies", { name: "a\n", upstream: UPSTREAM });
  await ask("POST", "/proxies/a%0A/toxics", { type: "noop" });
  await ask("POST", "/proxies/a%0A/toxics/noop_downstream", { toxicity: 0.5 });
  await ask("DELETE", "/proxies/a%0A/toxics/noop_downstream");
  await ask("POST", "/proxies/a%0A", { enabled: false });
  await ask("POST", "/reset");
  await ask("DELETE", "/proxies/a%0A");
  await coax.logs(/"event":"proxy-removed"/);
  const events = coax.stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  const ours = events.filter(({ event, proxy }) => proxy === "a\n" && event !== "listening");
  assertEquals(ours.map(({ event }) => event), [
    "proxy-created",
    "toxic-added",
    "toxic-updated",
    "toxic-removed",
    "proxy-updated",
    "proxy-removed",
  ]);
});
