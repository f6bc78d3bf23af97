import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { parseResponse } from "../../src/http/head.ts";
import {
  acceptWebSocket,
  NoUpgradeError,
  type ServerLocation,
  type ServerOptions,
} from "../../src/ws/server.ts";
import { decode, encode, readAll, readExactly } from "../support/connections.ts";
import { soon } from "../support/wait.ts";
import { frame, masked } from "./wire.ts";

/** The request of RFC 6455 §1.2, with changes; a value of null removes a field. */
function request(
  changes: Record<string, string | null> = {},
  first = "GET /chat HTTP/1.1",
): string {
  const fields: Record<string, string | null> = {
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== null);
  return [first, ...lines.map(([name, value]) => `${name}: ${value}`)].join("\r\n") + "\r\n\r\n";
}

const LOCAL: ServerLocation = { loopback: true };

/** A server's answer, and the result of its handshake. */
async function answer(
  text: string,
  site: ServerLocation = LOCAL,
  options: ServerOptions = {},
): Promise<{ status: number; head: string; headers: Headers; body: string; error: Error }> {
  const [ourSide, peer] = memoryPair();
  const handshake = acceptWebSocket(ourSide, site, options, silent);
  const failed = assertRejects(() => soon(handshake, "the handshake"));
  await peer.write(encode(text));
  await peer.closeWrite();
  const [head, body] = decode(await soon(readAll(peer), "the answer")).split("\r\n\r\n");
  peer.close();
  const { status, headers } = parseResponse(head!);
  return { status, head: head!, headers, body: body!, error: await failed };
}

/** The head of a 101. */
async function upgraded(text: string, site: ServerLocation = LOCAL, options: ServerOptions = {}) {
  const [ourSide, peer] = memoryPair();
  const handshake = acceptWebSocket(ourSide, site, options, silent);
  await peer.write(encode(text));
  const channel = await soon(handshake, "the handshake");
  channel.close();
  await peer.closeWrite();
  const [head] = decode(await readAll(peer)).split("\r\n\r\n");
  peer.close();
  await channel.closed.catch(() => {}); // Nobody answers its Close.
  return { channel, ...parseResponse(head!) };
}

Deno.test("the handshake of RFC 6455 §1.2 is answered as there", async () => {
  const { line, headers, channel } = await upgraded(request());
  assertEquals(line, "HTTP/1.1 101 Switching Protocols");
  assertEquals(headers.get("upgrade"), "websocket");
  assertEquals(headers.get("connection"), "Upgrade");
  assertEquals(headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assertEquals(headers.get("sec-websocket-protocol"), null);
  assertEquals(headers.get("sec-websocket-extensions"), null);
  assertEquals(channel.request, { path: "/chat", protocol: undefined });
});

Deno.test("frames right behind the request aren't lost", async () => {
  const [ourSide, peer] = memoryPair();
  const handshake = acceptWebSocket(ourSide, LOCAL, {}, silent);
  const first = request();
  const bytes = new Uint8Array([...encode(first), ...masked(frame(0x81, "hi"))]);
  await peer.write(bytes);
  const channel = await soon(handshake, "the handshake");
  assertEquals(decode((await channel.receive())!.data), "hi");
  peer.close();
  await assertRejects(() => channel.receive());
  channel.close();
  await channel.closed;
});

const accepted: [name: string, text: string, site?: ServerLocation][] = [
  ["names and tokens in any case", request({ Upgrade: "WebSocket", Connection: "UPGRADE" })],
  ["Connection as a list", request({ Connection: "keep-alive, Upgrade" })],
  ["Upgrade as a list", request({ Upgrade: "h2c, websocket" })],
  ["any path where none was written", request({}, "GET /any/thing?x HTTP/1.1")],
  ["the path that was written", request(), { loopback: true, path: "/chat" }],
  ["any query behind it", request({}, "GET /chat?a=b HTTP/1.1"), { loopback: true, path: "/chat" }],
  ["the query that was written", request({}, "GET /chat?a HTTP/1.1"), {
    loopback: true,
    path: "/chat?a",
  }],
  ["a whole URL as target", request({}, "GET http://localhost/chat?b HTTP/1.1"), {
    loopback: true,
    path: "/chat",
  }],
];

for (const [name, text, site] of accepted) {
  Deno.test(`a server accepts: ${name}`, async () => {
    assertEquals((await upgraded(text, site)).status, 101);
  });
}

const at = (path: string): ServerLocation => ({ loopback: true, path });

const refused: [name: string, status: number, text: string, site?: ServerLocation][] = [
  ["no upgrade", 426, request({ Upgrade: null })],
  ["an upgrade to something else", 426, request({ Upgrade: "h2c" })],
  ["Connection without Upgrade", 426, request({ Connection: "keep-alive" })],
  ["no Connection", 426, request({ Connection: null })],
  ["an old version", 426, request({ "Sec-WebSocket-Version": "8" })],
  ["no version", 426, request({ "Sec-WebSocket-Version": null })],
  ["two versions", 426, request({ "Sec-WebSocket-Version": "13, 8" })],
  ["no key", 400, request({ "Sec-WebSocket-Key": null })],
  ["a short key", 400, request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" })],
  ["a key that is no base64", 400, request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ!==" })],
  ["content", 400, request({ "Content-Length": "3" })],
  ["content in chunks", 400, request({ "Transfer-Encoding": "chunked" })],
  ["two keys", 400, request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==, x" })],
  ["HTTP/1.0", 400, request({}, "GET /chat HTTP/1.0")],
  ["HTTP/2", 505, request({}, "GET /chat HTTP/2.0")],
  ["no Host", 400, request({ Host: null })],
  ["garbage", 400, "hello\r\n\r\n"],
  ["a folded line", 400, request({ "X": "a\r\n b" })],
  ["malformed extensions", 400, request({ "Sec-WebSocket-Extensions": "a;=b" })],
  ["a head over 16 KiB", 431, request({ X: "x".repeat(17_000) })],
  ["POST", 405, request({}, "POST /chat HTTP/1.1")],
  ["PUT without an upgrade", 405, request({ Upgrade: null }, "PUT /chat HTTP/1.1")],
  ["another path", 404, request(), at("/other")],
  ["a path below", 404, request({}, "GET /chat/x HTTP/1.1"), at("/chat")],
  ["a path that only begins so", 404, request({}, "GET /chatter HTTP/1.1"), at("/chat")],
  ["a path with a slash more", 404, request({}, "GET /chat/ HTTP/1.1"), at("/chat")],
  ["the root", 404, request({}, "GET / HTTP/1.1"), at("/chat")],
  ["another query", 404, request({}, "GET /chat?b HTTP/1.1"), at("/chat?a")],
  ["another path of a whole URL", 404, request({}, "GET http://localhost/x HTTP/1.1"), at("/chat")],
  ["a Host from elsewhere", 403, request({ Host: "evil.example" })],
  ["an Origin from elsewhere", 403, request({ Origin: "http://evil.example" })],
  ["a Host from elsewhere, at another path", 403, request({ Host: "evil.example" }), at("/other")],
  [
    "a Host from elsewhere, without an upgrade",
    403,
    request({ Host: "evil.example", Upgrade: null }),
  ],
  [
    "a Host from elsewhere, with a bad key",
    403,
    request({
      Host: "evil.example",
      "Sec-WebSocket-Key": "x",
    }),
  ],
];

for (const [name, status, text, site] of refused) {
  Deno.test(`a server refuses with ${status}: ${name}`, async () => {
    const { status: given, headers, body, error } = await answer(text, site);
    assertEquals(given, status);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    assertEquals(headers.get("content-length"), String(encode(body).length));
    assertStringIncludes(headers.get("connection")!, "close");
    assert(/^.+\n$/.test(body), `a line of text is the body, not ${JSON.stringify(body)}`);
    assert(error instanceof BrokenError);
    assertStringIncludes(error.message, `refused with ${status}`);
    assertStringIncludes(error.message, body.trim());
  });
}

Deno.test("426 names the version and the protocol", async () => {
  const { headers } = await answer(request({ "Sec-WebSocket-Version": "25" }));
  assertEquals(headers.get("sec-websocket-version"), "13");
  assertEquals(headers.get("upgrade"), "websocket");
  assertEquals(headers.get("connection"), "Upgrade, close");
});

Deno.test("405 names the method", async () => {
  const { headers } = await answer(request({}, "DELETE / HTTP/1.1"));
  assertEquals(headers.get("allow"), "GET");
});

Deno.test("bound wider, any Host is served, but only its own Origin", async () => {
  const wide: ServerLocation = { loopback: false };
  assertEquals((await upgraded(request({ Host: "a.example" }), wide)).status, 101);
  const own = request({ Host: "a.example", Origin: "https://a.example" });
  assertEquals((await upgraded(own, wide)).status, 101);
  const other = request({ Host: "a.example", Origin: "https://b.example" });
  assertEquals((await answer(other, wide)).status, 403);
  const allowOrigin = ["https://b.example"];
  assertEquals((await upgraded(other, wide, { allowOrigin })).status, 101);
});

const protocols: [ours: string[], offered: string | null, agreed: string | undefined][] = [
  [[], null, undefined],
  [[], "a, b", undefined],
  [["a"], null, undefined],
  [["a"], "a", "a"],
  [["b", "a"], "a, b", "a"],
  [["c"], "a, b", undefined],
  [["a"], "A", undefined],
];

for (const [ours, offered, agreed] of protocols) {
  Deno.test(`with ${ours}, a server takes ${agreed} from ${offered}`, async () => {
    const text = request({ "Sec-WebSocket-Protocol": offered });
    const { headers, channel } = await upgraded(text, LOCAL, { protocols: ours });
    assertEquals(headers.get("sec-websocket-protocol"), agreed ?? null);
    assertEquals(channel.request?.protocol, agreed);
  });
}

const ACCEPTED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** Every combination of parameters that an offer may have (RFC 7692 §7.1). */
const legal = ["", "; server_no_context_takeover"].flatMap((server) =>
  ["", "; client_no_context_takeover"].flatMap((client) =>
    ["", ...[8, 9, 10, 11, 12, 13, 14, 15].map((bits) => `; server_max_window_bits=${bits}`)]
      .flatMap((ours) =>
        [
          "",
          "; client_max_window_bits",
          "; client_max_window_bits=8",
          "; client_max_window_bits=15",
        ]
          .map((theirs): [string, string] => [
            `permessage-deflate${server}${client}${ours}${theirs}`,
            ACCEPTED + ours,
          ])
      )
  )
);

const deflate: [offered: string, accepted: string | null][] = [
  ...legal,
  ['permessage-deflate; server_max_window_bits="10"', `${ACCEPTED}; server_max_window_bits=10`],
  ["permessage-deflate; x=1, permessage-deflate; client_max_window_bits=8", ACCEPTED],
  ["x-other; a=b, permessage-deflate", ACCEPTED],
  [",permessage-deflate , ,", ACCEPTED],
  ["x-webkit-deflate-frame", null],
  ...["", "=7", "=16", "=08", "=99", "=x"].map((bits): [string, null] => [
    `permessage-deflate; server_max_window_bits${bits}`,
    null,
  ]),
  ...["=7", "=16", "=08", "=99", "=x"].map((bits): [string, null] => [
    `permessage-deflate; client_max_window_bits${bits}`,
    null,
  ]),
  ["permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", null],
  ["permessage-deflate; client_max_window_bits; client_max_window_bits", null],
  ["permessage-deflate; server_no_context_takeover; server_no_context_takeover", null],
  ["permessage-deflate; server_no_context_takeover=1", null],
  ["permessage-deflate; client_no_context_takeover=1", null],
  ["permessage-deflate; unknown=1", null],
];

for (const [offered, accepted] of deflate) {
  Deno.test(`an offer of ${offered} is ${accepted ? "accepted" : "declined"}`, async () => {
    const { headers } = await upgraded(request({ "Sec-WebSocket-Extensions": offered }));
    assertEquals(headers.get("sec-websocket-extensions"), accepted);
  });
}

Deno.test("a request without an upgrade can be answered, and the server then resolves quietly", async () => {
  const http: ServerOptions["http"] = ({ target, method }) =>
    target === "/page"
      ? { status: 200, headers: [["Content-Type", "text/html"]], body: `<p>${method}` }
      : undefined;
  const plain = (first: string) => request({ Upgrade: null, Connection: null }, first);
  const page = await answer(plain("GET /page HTTP/1.1"), LOCAL, { http });
  assertEquals([page.status, page.body, page.headers.get("content-type")], [
    200,
    "<p>GET",
    "text/html",
  ]);
  assert(page.error instanceof NoUpgradeError);
  assertEquals(page.error.status, 0);

  const head = await answer(plain("HEAD /page HTTP/1.1"), LOCAL, { http });
  assertEquals([head.status, head.body, head.headers.get("content-length")], [200, "", "7"]);
  assertEquals((await answer(plain("GET /x HTTP/1.1"), LOCAL, { http })).status, 426);
  const evil = request({ Upgrade: null, Host: "evil.example" }, "GET /page HTTP/1.1");
  assertEquals((await answer(evil, LOCAL, { http })).status, 403);
  assertEquals((await upgraded(request({}, "GET /page HTTP/1.1"), LOCAL, { http })).status, 101);
});

Deno.test("a client that sends nothing is waited for, and one that closes then is no error", async () => {
  const [ourSide, peer] = memoryPair();
  const handshake = acceptWebSocket(ourSide, LOCAL, {}, silent);
  await peer.closeWrite();
  await assertRejects(() => soon(handshake, "handshake"), NoUpgradeError, "left without a request");
  peer.close();
});

Deno.test("a refused client that keeps the connection is closed after a second", async () => {
  const [ourSide, peer] = memoryPair();
  const handshake = acceptWebSocket(ourSide, LOCAL, {}, silent);
  await peer.write(encode(request({ Upgrade: null })));
  await readExactly(peer, 20);
  await assertRejects(() => soon(handshake, "handshake", 10_000), BrokenError, "426");
  await readAll(peer);
  peer.close();
});
