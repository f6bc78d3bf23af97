/** Every row of toxiproxy's HTTP API against the program: status, headers and body. */
import { assertEquals, assertMatch } from "@std/assert";
import { run } from "./coax.ts";
import { type Answer, ControlProcess } from "./control.ts";
import { unusedPort } from "./peers.ts";

/** Checks an answer whose body is `body`, to the byte where it is a text. */
function assertAnswer(answer: Answer, status: number, body: unknown): void {
  const { headers, text } = answer;
  assertEquals(answer.status, status, text);
  assertMatch(headers.get("x-toxiproxy-request-id") ?? "none", /^[\w-]{8,}$/);
  if (status === 204) return assertEquals([text, headers.get("content-type")], ["", null]);
  assertEquals(headers.get("content-type"), "application/json");
  assertEquals(text, typeof body === "string" ? body : JSON.stringify(body));
}

function assertError(answer: Answer, status: number, error: string): void {
  assertAnswer(answer, status, JSON.stringify({ error, status }) + "\n");
}

const UPSTREAM = "127.0.0.1:9";

/** A proxy as it is shown, in the order of toxiproxy's fields. */
function shown(name: string, listen: string, more: Record<string, unknown> = {}) {
  return { name, listen, upstream: UPSTREAM, enabled: true, toxics: [], ...more };
}

/** A control with a proxy "a". */
async function withProxy(): Promise<ControlProcess & { listen: string }> {
  const control = await ControlProcess.start();
  const { listen } = await control.proxy("a", UPSTREAM);
  return Object.assign(control, { listen });
}

Deno.test("GET /version", async () => {
  await using control = await ControlProcess.start();
  const { status, headers, text } = await control.ask("GET", "/version");
  assertEquals([status, text], [200, '{"version": "2.12.0"}\n']);
  assertEquals(headers.get("content-type"), "application/json;charset=utf-8");
  const { out } = await run(["--version"]);
  assertEquals(headers.get("server"), out.trimEnd().replace(" ", "/"));
  for (const method of ["POST", "HEAD", "DELETE"]) {
    assertEquals((await control.ask(method, "/version")).status, 405);
  }
});

Deno.test("GET /proxies: an object of proxies by name", async () => {
  await using control = await ControlProcess.start();
  assertAnswer(await control.ask("GET", "/proxies"), 200, "{}");
  const { listen } = await control.proxy("a", UPSTREAM);
  assertAnswer(await control.ask("GET", "/proxies"), 200, { a: shown("a", listen) });
});

Deno.test("POST /proxies: makes one and says where it listens", async () => {
  await using control = await ControlProcess.start();
  const made = await control.ask("POST", "/proxies", {
    name: "a",
    listen: "127.0.0.1:0",
    upstream: UPSTREAM,
  });
  const { listen } = JSON.parse(made.text);
  assertMatch(listen, /^127\.0\.0\.1:\d+$/);
  assertAnswer(made, 201, shown("a", listen));
  const anywhere = await control.ask("POST", "/proxies", { name: "b", upstream: UPSTREAM });
  assertMatch(JSON.parse(anywhere.text).listen, /^127\.0\.0\.1:[1-9]\d*$/);
  const disabled = { name: "c", listen: "localhost:1", upstream: UPSTREAM, enabled: false };
  const off = shown("c", "localhost:1", { enabled: false });
  assertAnswer(await control.ask("POST", "/proxies", disabled), 201, off);
});

Deno.test("POST /proxies: what is wrong with it", async () => {
  await using control = await withProxy();
  const post = (body: unknown) => control.ask("POST", "/proxies", body);
  const b = { name: "b", upstream: UPSTREAM };
  assertError(await post({ upstream: UPSTREAM }), 400, "missing required field: name");
  assertError(await post({ name: "b" }), 400, "missing required field: upstream");
  assertError(await post(""), 400, "bad request body: EOF");
  const broken = await post("{");
  assertMatch(JSON.parse(broken.text).error, /^bad request body: \S/);
  assertError(broken, 400, JSON.parse(broken.text).error);
  assertError(await post({ ...b, name: 5 }), 400, "bad request body: name: expected a string");
  assertError(await post([]), 400, "bad request body: proxy: expected an object");
  assertError(await post({ ...b, name: "a", listen: "bad" }), 500, MISSING_PORT);
  assertError(await post({ ...b, name: "a" }), 409, "proxy already exists");
  const taken = `listen tcp ${control.listen}: bind: address already in use`;
  assertError(await post({ ...b, listen: control.listen }), 500, taken);
  const unknown = "listen tcp: address tcp/1x: unknown port";
  assertError(await post({ ...b, listen: "127.0.0.1:1x" }), 500, unknown);
  const malformed = 'upstream "h:1:2": expected PORT, HOST:PORT, [IPv6]:PORT or SCHEME://HOST:PORT';
  assertError(await post({ ...b, upstream: "h:1:2" }), 400, malformed);
  assertEquals(Object.keys(await control.json(200, "GET", "/proxies")), ["a"]);
});

const MISSING_PORT = "listen tcp: address bad: missing port in address";

Deno.test("POST /proxies: unknown fields, and what comes after the first value, are ignored", async () => {
  await using control = await ControlProcess.start();
  const text = `{"name":"a","upstream":"${UPSTREAM}","Logger":{},"color":"red"} and more`;
  assertEquals((await control.ask("POST", "/proxies", text)).status, 201);
});

Deno.test("GET /proxies/NAME", async () => {
  await using control = await withProxy();
  assertAnswer(await control.ask("GET", "/proxies/a"), 200, shown("a", control.listen));
  assertError(await control.ask("GET", "/proxies/b"), 404, "proxy not found");
  await control.proxy("x/y z", UPSTREAM);
  assertEquals((await control.ask("GET", "/proxies/x%2Fy%20z")).status, 200);
});

for (const method of ["PATCH", "POST"]) {
  Deno.test(`${method} /proxies/NAME: changes what it names`, async () => {
    await using control = await withProxy();
    const change = (body: unknown) => control.ask(method, "/proxies/a", body);
    assertAnswer(await change({}), 200, shown("a", control.listen));
    assertAnswer(await change({ name: "z" }), 200, shown("a", control.listen));
    const other = { upstream: "127.0.0.1:10" };
    assertAnswer(await change(other), 200, shown("a", control.listen, other));
    const off = { upstream: UPSTREAM, enabled: false };
    assertAnswer(await change(off), 200, shown("a", control.listen, off));
    assertAnswer(await change({ enabled: true }), 200, shown("a", control.listen));
    const listen = `127.0.0.1:${unusedPort()}`;
    assertAnswer(await change({ listen }), 200, shown("a", listen));
  });

  Deno.test(`${method} /proxies/NAME: what is wrong with it`, async () => {
    await using control = await withProxy();
    const change = (body: unknown) => control.ask(method, "/proxies/a", body);
    assertError(await control.ask(method, "/proxies/b", {}), 404, "proxy not found");
    assertError(await change(""), 400, "bad request body: EOF");
    assertError(await change("[]"), 400, "bad request body: body: expected an object");
    assertError(await change({ listen: "bad" }), 500, MISSING_PORT);
    assertEquals((await change({ upstream: "h:1:2", enabled: false })).status, 400);
    assertAnswer(await control.ask("GET", "/proxies/a"), 200, shown("a", control.listen));
  });

  Deno.test(`${method} /proxies/NAME: stays down where it can't listen`, async () => {
    await using control = await withProxy();
    const { listen } = await control.proxy("b", UPSTREAM);
    const error = `listen tcp ${listen}: bind: address already in use`;
    assertError(await control.ask(method, "/proxies/a", { listen }), 500, error);
    const down = shown("a", listen, { enabled: false });
    assertAnswer(await control.ask("GET", "/proxies/a"), 200, down);
    assertEquals((await control.ask("DELETE", "/proxies/b")).status, 204);
    const up = await control.ask(method, "/proxies/a", { enabled: true });
    assertAnswer(up, 200, shown("a", listen));
  });
}

Deno.test("DELETE /proxies/NAME", async () => {
  await using control = await withProxy();
  assertAnswer(await control.ask("DELETE", "/proxies/a"), 204, "");
  assertError(await control.ask("DELETE", "/proxies/a"), 404, "proxy not found");
  assertAnswer(await control.ask("GET", "/proxies"), 200, "{}");
});

Deno.test("POST /populate: all in the order given; none are null", async () => {
  await using control = await ControlProcess.start();
  assertAnswer(await control.ask("POST", "/populate", []), 201, '{"proxies":null}');
  const two = [
    { name: "b", listen: "127.0.0.1:0", upstream: UPSTREAM },
    { name: "a", listen: "127.0.0.1:0", upstream: UPSTREAM, enabled: false },
  ];
  const made = await control.ask("POST", "/populate", two);
  const [b] = JSON.parse(made.text).proxies;
  const a = shown("a", "127.0.0.1:0", { enabled: false });
  assertAnswer(made, 201, { proxies: [shown("b", b.listen), a] });
});

Deno.test("POST /populate: what is wrong with it", async () => {
  await using control = await withProxy();
  const post = (body: unknown) => control.ask("POST", "/populate", body);
  assertError(await post({}), 400, "bad request body: expected an array of proxies");
  assertError(await post(""), 400, "bad request body: EOF");
  const good = { name: "b", listen: "127.0.0.1:0", upstream: UPSTREAM };
  const error = (error: string) => JSON.stringify({ error, status: 400, proxies: null }) + "\n";
  const missing = "missing required field: upstream at proxy 2";
  assertAnswer(await post([good, { name: "c" }]), 400, error(missing));
  const toxic = { type: "nonsense" };
  const unknown = "invalid toxic type at proxy 2";
  const wrong = [good, { ...good, name: "c", toxics: [toxic] }];
  assertAnswer(await post(wrong), 400, error(unknown));
  assertEquals(Object.keys(await control.json(200, "GET", "/proxies")), ["a"]);
});

Deno.test("POST /populate: those before one that can't listen stay, and are named", async () => {
  await using control = await withProxy();
  const taken = `listen tcp ${control.listen}: bind: address already in use`;
  for (const [where, error] of [[control.listen, taken], ["bad", MISSING_PORT]] as const) {
    const b = { name: "b", listen: "127.0.0.1:0", upstream: UPSTREAM };
    const c = { name: "c", listen: where, upstream: UPSTREAM };
    const answer = await control.ask("POST", "/populate", [b, c, { ...b, name: "d" }]);
    const { listen } = await control.json<{ listen: string }>(200, "GET", "/proxies/b");
    const body = { error, status: 500, proxies: [shown("b", listen)] };
    assertAnswer(answer, 500, JSON.stringify(body) + "\n");
    assertEquals(Object.keys(await control.json(200, "GET", "/proxies")), ["a", "b"]);
    assertAnswer(await control.ask("DELETE", "/proxies/b"), 204, "");
  }
});

const LATENCY = {
  attributes: { latency: 100, jitter: 0 },
  name: "latency_downstream",
  type: "latency",
  stream: "downstream",
  toxicity: 1,
};

Deno.test("POST /populate: an equal proxy stays as it is, another one is replaced", async () => {
  await using control = await withProxy();
  await control.json(200, "POST", "/proxies/a/toxics", LATENCY);
  const a = { name: "a", listen: control.listen, upstream: UPSTREAM, enabled: false };
  const kept = await control.ask("POST", "/populate", [a]);
  assertAnswer(kept, 201, { proxies: [shown("a", control.listen, { toxics: [LATENCY] })] });
  const spelled = { ...a, listen: control.listen.replace("127.0.0.1", "localhost") };
  assertAnswer(await control.ask("POST", "/populate", [spelled]), 201, JSON.parse(kept.text));
  const moved = { ...a, upstream: "127.0.0.1:10", enabled: true };
  const body = shown("a", control.listen, { upstream: "127.0.0.1:10" });
  assertAnswer(await control.ask("POST", "/populate", [moved]), 201, { proxies: [body] });
});

Deno.test("POST /reset: enables all, and removes all toxics", async () => {
  await using control = await withProxy();
  await control.json(200, "POST", "/proxies/a/toxics", LATENCY);
  await control.json(200, "POST", "/proxies/a", { enabled: false });
  assertAnswer(await control.ask("POST", "/reset"), 204, "");
  assertAnswer(await control.ask("GET", "/proxies/a"), 200, shown("a", control.listen));
  await control.json(200, "POST", "/proxies/a", { enabled: false });
  const b = await control.proxy("b", UPSTREAM, { listen: control.listen });
  const error = `listen tcp ${b.listen}: bind: address already in use`;
  assertError(await control.ask("POST", "/reset"), 500, error);
});

Deno.test("a wrong method is 405 with those that are right, an unknown path is 404", async () => {
  await using control = await withProxy();
  for (
    const [method, path, allow] of [
      ["PUT", "/proxies", "GET, POST"],
      ["HEAD", "/proxies", "GET, POST"],
      ["OPTIONS", "/proxies/a", "GET, PATCH, POST, DELETE"],
      ["GET", "/populate", "POST"],
      ["GET", "/reset", "POST"],
      ["DELETE", "/proxies/a/toxics", "GET, POST"],
      ["PUT", "/proxies/a/toxics/b", "GET, PATCH, POST, DELETE"],
    ] as const
  ) {
    const answer = await control.ask(method, path);
    assertEquals([answer.status, answer.headers.get("allow")], [405, allow], `${method} ${path}`);
  }
  for (const path of ["/proxies/", "/proxies/a/", "/nothing", "/proxies/a/toxics/b/c"]) {
    assertError(await control.ask("GET", path), 404, "404 page not found");
  }
});
