/** Every row of toxiproxy's HTTP API of toxics against the program: status, headers and body. */
import { assertEquals, assertMatch } from "@std/assert";
import { type Answer, ControlProcess } from "./control.ts";

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

/** A control with a proxy "a" that has no toxics. */
async function withProxy(): Promise<ControlProcess> {
  const control = await ControlProcess.start();
  await control.proxy("a", "127.0.0.1:9");
  return control;
}

const TOXICS = "/proxies/a/toxics";

/** A toxic as it is shown, in the order of toxiproxy's fields. */
function shown(type: string, attributes: Record<string, unknown>, more = {}) {
  const plain = { name: `${type}_downstream`, type, stream: "downstream", toxicity: 1, ...more };
  return { attributes, ...plain };
}

const NONE = { latency: 0, jitter: 0 };

Deno.test("GET /proxies/NAME/toxics: upstream's first, then downstream's, in order of adding", async () => {
  await using control = await withProxy();
  assertAnswer(await control.ask("GET", TOXICS), 200, "[]");
  const given = [
    { type: "latency" },
    { type: "noop", name: "z", stream: "upstream" },
    { type: "noop" },
    { type: "noop", name: "b", stream: "upstream" },
  ];
  for (const toxic of given) await control.json(200, "POST", TOXICS, toxic);
  assertAnswer(await control.ask("GET", TOXICS), 200, [
    shown("noop", {}, { name: "z", stream: "upstream" }),
    shown("noop", {}, { name: "b", stream: "upstream" }),
    shown("latency", NONE),
    shown("noop", {}),
  ]);
  assertError(await control.ask("GET", "/proxies/b/toxics"), 404, "proxy not found");
});

Deno.test("POST /proxies/NAME/toxics: 200 with the toxic and its defaults", async () => {
  await using control = await withProxy();
  const post = (body: unknown) => control.ask("POST", TOXICS, body);
  assertAnswer(await post({ type: "latency" }), 200, shown("latency", NONE));
  const whole = {
    name: "slow",
    type: "latency",
    stream: "upstream",
    toxicity: 0.5,
    attributes: { latency: 100, jitter: 10 },
  };
  const { attributes, ...fields } = whole;
  assertAnswer(await post(whole), 200, shown("latency", attributes, fields));
  const spelled = { name: "latency_UpStream", stream: "upstream" };
  assertAnswer(
    await post({ type: "latency", stream: "UpStream" }),
    200,
    shown("latency", NONE, spelled),
  );
  const ignored = { type: "noop", attributes: { color: 1 }, more: true };
  assertAnswer(await post(ignored), 200, shown("noop", {}));
});

Deno.test("POST /proxies/NAME/toxics: what is wrong with it", async () => {
  await using control = await withProxy();
  const post = (body: unknown) => control.ask("POST", TOXICS, body);
  assertError(
    await control.ask("POST", "/proxies/b/toxics", { type: "noop" }),
    404,
    "proxy not found",
  );
  assertError(await post(""), 400, "bad request body: EOF");
  const stream = "stream was invalid, can be either upstream or downstream";
  assertError(await post({ type: "noop", stream: "sideways" }), 400, stream);
  assertError(await post({ type: "nonsense", stream: "sideways" }), 400, stream);
  assertError(await post({ type: "nonsense" }), 400, "invalid toxic type");
  assertError(await post({}), 400, "invalid toxic type");
  assertError(await post({ type: "toString" }), 400, "invalid toxic type");
  for (const latency of ["1", 1.5, -1, true]) {
    const answer = await post({ type: "latency", attributes: { latency } });
    assertMatch(answer.text, /^\{"error":"bad request body: .*latency.*whole number/);
    assertEquals(answer.status, 400);
  }
  for (const toxicity of [-0.1, 1.1, "1"]) {
    const answer = await post({ type: "noop", toxicity });
    assertMatch(answer.text, /^\{"error":"bad request body: toxicity: expected a number/);
    assertEquals(answer.status, 400);
  }
  assertAnswer(await control.ask("GET", TOXICS), 200, "[]");
  await control.json(200, "POST", TOXICS, { type: "noop", name: "x" });
  const twin = { type: "latency", name: "x", stream: "upstream" };
  assertError(await post(twin), 409, "toxic already exists");
});

Deno.test("POST /proxies/NAME/toxics: a toxic that could never act is refused", async () => {
  await using control = await withProxy();
  await control.proxy("u", "127.0.0.1:9", { listen: "udp://127.0.0.1:0" });
  const error = "loss acts on messages, which 127.0.0.1:9 doesn't carry";
  const loss = { type: "loss", stream: "upstream", attributes: { probability: 0.5 } };
  assertError(await control.ask("POST", "/proxies/u/toxics", loss), 400, error);
  const back = { ...loss, stream: "downstream" };
  assertEquals((await control.ask("POST", "/proxies/u/toxics", back)).status, 200);
});

Deno.test("GET /proxies/NAME/toxics/TOXIC", async () => {
  await using control = await withProxy();
  await control.json(200, "POST", TOXICS, { type: "latency", name: "a/b" });
  const a = shown("latency", NONE, { name: "a/b" });
  assertAnswer(await control.ask("GET", `${TOXICS}/a%2Fb`), 200, a);
  assertError(await control.ask("GET", `${TOXICS}/x`), 404, "toxic not found");
  assertError(await control.ask("GET", "/proxies/b/toxics/x"), 404, "proxy not found");
});

for (const method of ["PATCH", "POST"]) {
  Deno.test(`${method} /proxies/NAME/toxics/TOXIC: merges attributes; name, type and stream stay`, async () => {
    await using control = await withProxy();
    await control.json(200, "POST", TOXICS, { type: "latency", attributes: { latency: 5 } });
    const path = `${TOXICS}/latency_downstream`;
    const change = (body: unknown) => control.ask(method, path, body);
    const jitter = { attributes: { jitter: 7 }, name: "z", type: "noop", stream: "upstream" };
    const both = { latency: 5, jitter: 7 };
    assertAnswer(await change(jitter), 200, shown("latency", both));
    const half = shown("latency", both, { toxicity: 0.5 });
    assertAnswer(await change({ toxicity: 0.5 }), 200, half);
    assertAnswer(await change({}), 200, half);
    assertAnswer(await control.ask("GET", path), 200, half);
    assertError(await change(""), 400, "bad request body: EOF");
    assertEquals((await change({ attributes: { latency: -1 } })).status, 400);
    assertEquals((await change({ toxicity: 2 })).status, 400);
    assertAnswer(await control.ask("GET", path), 200, half);
    assertError(await control.ask(method, `${TOXICS}/x`, {}), 404, "toxic not found");
    assertError(await control.ask(method, "/proxies/b/toxics/x", {}), 404, "proxy not found");
  });
}

Deno.test("DELETE /proxies/NAME/toxics/TOXIC", async () => {
  await using control = await withProxy();
  await control.json(200, "POST", TOXICS, { type: "noop", name: "x" });
  assertAnswer(await control.ask("DELETE", `${TOXICS}/x`), 204, "");
  assertError(await control.ask("DELETE", `${TOXICS}/x`), 404, "toxic not found");
  assertError(await control.ask("DELETE", "/proxies/b/toxics/x"), 404, "proxy not found");
  assertAnswer(await control.ask("GET", TOXICS), 200, "[]");
});

Deno.test("toxics come with a proxy, all checked before it is made", async () => {
  await using control = await ControlProcess.start();
  const latency = { type: "latency", attributes: { latency: 5 } };
  const toxics = [latency, { type: "noop", stream: "upstream" }];
  const made = await control.proxy("a", "127.0.0.1:9", { toxics });
  assertEquals(made.toxics, [
    shown("noop", {}, { name: "noop_upstream", stream: "upstream" }),
    shown("latency", { latency: 5, jitter: 0 }),
  ]);
  const post = (toxics: unknown) =>
    control.ask("POST", "/proxies", { name: "b", upstream: "127.0.0.1:9", toxics });
  assertError(await post([{ type: "x" }]), 400, "invalid toxic type");
  assertError(await post([latency, latency]), 409, "toxic already exists");
  assertError(await post({}), 400, "bad request body: toxics: expected an array");
  const loss = "loss acts on messages, which localhost:0 doesn't carry";
  assertError(await post([{ type: "loss" }]), 400, loss);
  assertEquals((await post(null)).status, 201); // The client of Go sends that.
  assertEquals(Object.keys(await control.json(200, "GET", "/proxies")), ["a", "b"]);
});
