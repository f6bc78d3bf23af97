/** A WebSocket listener's answers to plain HTTP. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseResponse } from "../../src/http/head.ts";
import { Coax, PIPE, run } from "./coax.ts";
import { connectTo, receiveText, send } from "./peers.ts";

/** The answer to one request. */
async function ask(address: string, first: string, fields: Record<string, string> = {}) {
  const { host, port } = new URL(address.replace("ws:", "http:"));
  using conn = await connectTo(`tcp://127.0.0.1:${port}`);
  const head = Object.entries({ Host: host, ...fields }).map(([name, value]) =>
    `${name}: ${value}`
  );
  await send(conn, [`${first} HTTP/1.1`, ...head, "", ""].join("\r\n"));
  const text = await receiveText(conn);
  const end = text.indexOf("\r\n\r\n");
  return { ...parseResponse(text.slice(0, end)), body: text.slice(end + 4) };
}

Deno.test("chat serves its page at / and /r/NAME, to GET and HEAD", async () => {
  await using room = Coax.start(["chat", "ws://127.0.0.1:0"], { stdin: PIPE });
  const address = await room.address();
  for (const path of ["/", "/?x=1", "/r/tea", "/r/%E8%8C%B6", "http://localhost/r/tea"]) {
    const { status, headers, body } = await ask(address, `GET ${path}`);
    assertEquals(status, 200, path);
    assertMatch(body, /^<!doctype html>.*<\/html>$/is);
    assertEquals(headers.get("content-length"), String(new TextEncoder().encode(body).length));
    assertStringIncludes(headers.get("content-security-policy")!, "default-src 'none'");
    const asked = await ask(address, `HEAD ${path}`);
    assertEquals([asked.status, asked.body], [200, ""]);
    assertEquals([...asked.headers], [...headers]);
  }
});

Deno.test("chat answers a client whose copy of the page is current with 304, without a length", async () => {
  await using room = Coax.start(["chat", "ws://127.0.0.1:0"], { stdin: PIPE });
  const address = await room.address();
  const tag = (await ask(address, "GET /")).headers.get("etag")!;
  const { status, headers, body } = await ask(address, "GET /r/tea", { "If-None-Match": tag });
  assertEquals([status, body], [304, ""]);
  assertEquals([headers.get("content-length"), headers.get("etag")], [null, tag]);
});

Deno.test("chat has no page elsewhere, for other methods, or for others' pages", async () => {
  await using room = Coax.start(["chat", "ws://127.0.0.1:0"], { stdin: PIPE });
  const address = await room.address();
  const cases: [number, string, Record<string, string>?][] = [
    [404, "GET /favicon.ico"],
    [404, "GET /r/"],
    [404, "GET /r/a%20b"],
    [404, "GET /r/a/b"],
    [404, `GET /r/${"x".repeat(33)}`],
    [404, "GET /r/%ff"],
    [404, "GET //"],
    [405, "POST /"],
    [405, "DELETE /r/tea"],
    [403, "GET /", { Host: "evil.example" }],
    [403, "GET /", { Origin: "http://evil.example" }],
    [403, "GET /nothing", { Host: "evil.example" }],
  ];
  for (const [status, first, fields] of cases) {
    const answer = await ask(address, first, fields);
    assertEquals(answer.status, status, first);
    assert(!answer.body.includes("<"), first);
  }
});

Deno.test("chat at a path has its page there alone", async () => {
  await using room = Coax.start(["chat", "ws://127.0.0.1:0/x"], { stdin: PIPE });
  const address = await room.address();
  const { status, body } = await ask(address, "GET /x?y");
  assertEquals(status, 200);
  assertMatch(body, /^<!doctype html>/i);
  for (const path of ["/", "/r/tea", "/x/"]) {
    assertEquals((await ask(address, `GET ${path}`)).status, 404, path);
  }
});

Deno.test("other commands than chat have no page", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
  assertEquals((await ask(await echo.address(), "GET /")).status, 426);
});

Deno.test("a WebSocket finds no room where none can be", async () => {
  await using room = Coax.start(["chat", "ws://127.0.0.1:0"], { stdin: PIPE });
  const address = await room.address();
  for (const path of ["/r/my%20room", `/r/${"x".repeat(40)}`, "/elsewhere"]) {
    const { status, stderr } = await run(["client", address.replace(/\/?$/, path)]);
    assertEquals(status, 7, stderr);
    assertMatch(stderr, /404 .*nothing is served at this path/);
  }
});
