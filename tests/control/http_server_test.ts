import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  type Fetch,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from "../../src/control/http_server.ts";
import { UnavailableError, UsageError } from "../../src/core/errors.ts";
import { libc } from "../../src/transports/libc.ts";
import { encode } from "../support/connections.ts";
import { recorder } from "../support/log.ts";
import { soon, until } from "../support/wait.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

const hello: Fetch = () => new Response("hello");
const PATIENT = 600_000;

function start(
  text: string,
  fetch: Fetch = hello,
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  return startHttpServer(text, fetch, {
    log: recorder().log,
    subject: "--control",
    token: undefined,
    allowOrigin: [],
    socketMode: 0o600,
    tls: undefined,
    handshakeTimeout: PATIENT,
    ...options,
  });
}

const portOf = ({ urls }: HttpServer) => Number(new URL(urls[0]!).port);

/** Sends `text` on a connection of its own, and resolves with the whole answer. */
async function raw(port: number, text: string | Uint8Array): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await conn.write(typeof text === "string" ? encode(text) : text);
    return await read(conn);
  } finally {
    conn.close();
  }
}

async function read(conn: Deno.Conn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await soon(conn.read(buffer), "the answer");
    if (count === null) return text;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
}

Deno.test("a port alone is served on both loopback addresses, with its real number", async () => {
  const { log, events } = recorder("info");
  await using server = await start("0", hello, { log });
  const port = portOf(server);
  assertEquals(server.urls, [`http://127.0.0.1:${port}/`, `http://[::1]:${port}/`]);
  for (const url of server.urls) assertEquals(await (await fetch(url)).text(), "hello");
  assertEquals(events.map(({ text }) => text), server.urls.map((url) => `control on ${url}`));
});

Deno.test({
  name: "the control is served on a Unix socket, whose Host is any loopback name",
  // The umask is set through the C library, which stays loaded.
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/control`;
    {
      await using server = await start(`unix:${path}`);
      assertEquals(server.urls, [`unix:${path}`]);
      const conn = await Deno.connect({ transport: "unix", path });
      await conn.write(encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      assertMatch(await read(conn), /^HTTP\/1\.1 200 [^]*\r\n\r\nhello$/);
      conn.close();
    }
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
    await Deno.remove(folder);
  },
});

for (const text of ["udp://0", "ws://0", "exec:cat", "-", "tls://0"]) {
  Deno.test(`no control is served at ${text}`, async () => {
    const error = await assertRejects(() => start(text), UsageError);
    assertEquals(error.message, `--control "${text}": expected a TCP address or unix:PATH`);
  });
}

for (const text of [":0", "*:0", "0.0.0.0:0", "[::]:0"]) {
  Deno.test(`a control at ${text} needs a token`, async () => {
    const error = await assertRejects(() => start(text), UsageError);
    const reason = `required: --control "${text}" can be reached from other machines`;
    assertEquals([error.status, error.message], [2, `--token: ${reason}`]);
  });
}

Deno.test("a control that other machines reach says so, and asks for the token", async () => {
  const { log, events } = recorder("info");
  await using server = await start("0.0.0.0:0", hello, { log, token: "open-sesame" });
  const url = `${server.urls[0]}proxies`;
  const denied = await fetch(url);
  assertEquals([denied.status, await denied.json()], [401, {
    error: "a token is required",
    status: 401,
  }]);
  assertEquals(denied.headers.get("www-authenticate"), 'Bearer realm="coax control"');
  const wrong = await fetch(url, { headers: { authorization: "Bearer open-sesam" } });
  assertEquals([wrong.status, await wrong.json()], [401, { error: "wrong token", status: 401 }]);
  const right = await fetch(url, { headers: { authorization: "Bearer open-sesame" } });
  assertEquals([right.status, await right.text()], [200, "hello"]);
  assertEquals(events.filter(({ event }) => event === "wide").map(({ text }) => text), [
    "anyone who can reach this machine can ask the control, which a token guards " +
    "(every interface is bound)",
  ]);
  assertEquals(events.filter(({ event }) => event === "refused").length, 2);
  assertEquals(JSON.stringify(events).includes("sesam"), false);
});

Deno.test("a port that is in use is status 4", async () => {
  await using server = await start("127.0.0.1:0");
  const error = await assertRejects(() => start(`127.0.0.1:${portOf(server)}`), UnavailableError);
  assertEquals(error.status, 4);
});

Deno.test("every answer says that it is to be read as it is, kept nowhere and framed by nobody", async () => {
  await using server = await start("127.0.0.1:0", ({ url }) => {
    if (new URL(url).pathname === "/throws") throw new Error("a secret");
    return new Response("<p>", { headers: { "Cache-Control": "max-age=5" } });
  });
  const [url] = server.urls;
  for (
    const [path, host, status, cache] of [
      ["", "localhost", 200, "max-age=5"],
      ["throws", "localhost", 500, "no-store"],
      ["", "evil.example", 403, "no-store"],
    ] as const
  ) {
    const answer = await raw(portOf(server), `GET /${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assertEquals(answer.slice(9, 12), String(status), url);
    for (
      const field of [
        `cache-control: ${cache}`,
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        "cross-origin-resource-policy: same-origin",
        "referrer-policy: no-referrer",
      ]
    ) {
      assertEquals(answer.toLowerCase().includes(`\r\n${field}\r\n`), true, `${field} ${answer}`);
    }
    assertEquals(/access-control|a secret/i.test(answer), false);
  }
});

const errors: [name: string, request: string, status: number, error: string][] = [
  [
    "a foreign Host",
    "GET /proxies HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    403,
    'Host "evil.example" is not this machine; --allow-origin can list it',
  ],
  [
    "a foreign Origin",
    "POST /proxies HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}",
    403,
    'Origin "http://evil.example" is not the Host; --allow-origin can list it',
  ],
  [
    "a preflight",
    "OPTIONS /proxies HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n" +
    "Access-Control-Request-Method: DELETE\r\n\r\n",
    403,
    'Origin "http://evil.example" is not the Host; --allow-origin can list it',
  ],
  [
    "a long body",
    "POST /populate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n",
    413,
    "the body is longer than 1048576 bytes",
  ],
  ["garbage", "\x16\x03\x01\r\n\r\n", 400, "a control character stands in the head"],
];

for (const [name, request, status, error] of errors) {
  Deno.test(`an error is JSON, and is logged: ${name}`, async () => {
    const { log, events } = recorder("info");
    await using server = await start("127.0.0.1:0", hello, { log });
    const answer = await raw(portOf(server), request);
    assertEquals(answer.slice(9, 12), String(status));
    assertMatch(answer, /\r\ncontent-type: application\/json\r\n/i);
    const [, body] = answer.split("\r\n\r\n");
    assertEquals(JSON.parse(body!), { error, status });
    await until(() => events.some(({ event }) => event === "refused"), "the line");
    const { text } = events.find(({ event }) => event === "refused")!;
    assertEquals(text.endsWith(`(${status}): ${error}`), true, text);
  });
}

Deno.test("a body of 1 MiB is taken, also in chunks", async () => {
  const size = 2 ** 20;
  await using server = await start(
    "127.0.0.1:0",
    async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  );
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < size; at += 4096) controller.enqueue(new Uint8Array(4096));
      controller.close();
    },
  });
  const whole = await fetch(server.urls[0]!, { method: "POST", body: new Uint8Array(size) });
  assertEquals(await whole.text(), String(size));
  const chunks = await fetch(server.urls[0]!, { method: "POST", body });
  assertEquals(await chunks.text(), String(size));
});

for (
  const [what, sent] of [
    ["are silent", ""],
    ["send a head without an end", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(16_000)],
    [
      "send a body without an end",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nab",
    ],
  ] as const
) {
  Deno.test(`500 clients that ${what} hold up nobody`, async () => {
    const { log, events } = recorder("warn");
    await using server = await start("127.0.0.1:0", hello, { log });
    const clients: Deno.Conn[] = [];
    try {
      for (let client = 0; client < 500; client++) {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port: portOf(server) });
        clients.push(conn);
        if (sent) await conn.write(encode(sent));
      }
      const begin = performance.now();
      const answer = await raw(portOf(server), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertMatch(answer, /hello$/);
      assertEquals(performance.now() - begin < 2000, true, "answered at once");
      await until(() => events.length >= 373, "the lines of the others");
      assertEquals(events[0]!.text.endsWith("(the control's limit of 128 connections)"), true);
    } finally {
      for (const client of clients) client.close();
    }
  });
}

Deno.test("a slow request ends at its deadline, and its place is free again", async () => {
  const { log, events } = recorder("info");
  await using server = await start("127.0.0.1:0", hello, { log, handshakeTimeout: 50 });
  const answer = await raw(portOf(server), "GET / HTTP/1.1\r\nHost: loc");
  assertEquals(answer.slice(9, 12), "408");
  assertEquals(await raw(portOf(server), new Uint8Array()), "");
  await until(() => events.some(({ event }) => event === "refused"), "the line");
  assertMatch(
    events.find(({ event }) => event === "refused")!.text,
    /^control: refused 127\.0\.0\.1:\d+ \(408\): no whole request within 0\.05 s$/,
  );
});

Deno.test("answers without an end come to one when the server is disposed of", async () => {
  const server = await start("127.0.0.1:0", ({ signal }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encode("begun"));
        signal.addEventListener("abort", () => controller.close());
      },
    });
    return new Response(body);
  });
  const response = await fetch(server.urls[0]!);
  const idle = await Deno.connect({ hostname: "127.0.0.1", port: portOf(server) });
  const begin = performance.now();
  const disposed = server[Symbol.asyncDispose]();
  assertEquals(await soon(response.text(), "its end"), "begun");
  assertEquals(await soon(idle.read(new Uint8Array(1)), "the close"), null);
  await soon(disposed, "the disposal");
  assertEquals(performance.now() - begin < 2000, true);
  idle.close();
  await assertRejects(() => fetch(server.urls[0]!), TypeError);
});

Deno.test("an answer that ignores the end is cut, after half a second", async () => {
  let cancelled = false;
  const server = await start("127.0.0.1:0", () => {
    const start = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(encode("begun"));
    return new Response(new ReadableStream({ start, cancel: () => void (cancelled = true) }));
  });
  const response = await fetch(server.urls[0]!);
  const text = response.text();
  const cut = assertRejects(() => text);
  await soon(server[Symbol.asyncDispose](), "the disposal");
  await soon(cut, "the cut");
  assertEquals(cancelled, true);
});

Deno.test("a viewer that takes nothing is let go, and others are answered meanwhile", async () => {
  const cancelled = Promise.withResolvers<void>();
  await using server = await start("127.0.0.1:0", ({ url }) => {
    if (new URL(url).pathname !== "/flood") return new Response("hello");
    const pull = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(new Uint8Array(64 * 1024));
    return new Response(new ReadableStream({ pull, cancel: () => cancelled.resolve() }));
  }, { writeTimeout: 200 });
  const stalled = await Deno.connect({ hostname: "127.0.0.1", port: portOf(server) });
  await stalled.write(encode("GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  assertEquals(await (await fetch(server.urls[0]!)).text(), "hello");
  await soon(cancelled.promise, "the cancellation");
  stalled.close();
});
