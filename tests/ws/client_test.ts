import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { deflateRawSync } from "node:zlib";
import { concat } from "../../src/core/bytes.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { CoaxError, RefusedError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { type ClientOptions, connectWebSocket } from "../../src/ws/client.ts";
import { parseRequest, readHead, type RequestHead } from "../../src/http/head.ts";
import { acceptFor } from "../../src/ws/key.ts";
import { decode, encode } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";
import { soon } from "../support/wait.ts";
import { frame } from "./wire.ts";

const TARGET = { text: "ws://test/x", host: "test", path: "/x?y" };

interface Meeting {
  request: RequestHead;
  peer: Duplex;
  handshake: ReturnType<typeof connectWebSocket>;
}

/** A client that has sent its request. */
async function meet(options: ClientOptions = {}): Promise<Meeting> {
  const [ourSide, peer] = memoryPair();
  const handshake = connectWebSocket(ourSide, TARGET, options, silent);
  handshake.catch(() => {});
  const request = parseRequest((await soon(readHead(peer), "a request"))!.text);
  return { request, peer, handshake };
}

/** A valid answer, with changes; a value of null removes a field. */
async function answer(
  { headers }: RequestHead,
  changes: Record<string, string | null> = {},
): Promise<Uint8Array> {
  const fields: Record<string, string | null> = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": await acceptFor(headers.get("sec-websocket-key")!),
    ...changes,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return encode(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
}

Deno.test("a client's request is as in RFC 6455 §4.1", async () => {
  const { request, peer } = await meet();
  assertEquals([request.method, request.target, request.version], ["GET", "/x?y", "1.1"]);
  const { headers } = request;
  assertEquals(headers.get("host"), "test");
  assertEquals(headers.get("upgrade"), "websocket");
  assertEquals(headers.get("connection"), "Upgrade");
  assertEquals(headers.get("sec-websocket-version"), "13");
  assertEquals(Uint8Array.fromBase64(headers.get("sec-websocket-key")!).length, 16);
  assertStringIncludes(headers.get("sec-websocket-extensions")!, "permessage-deflate");
  assertEquals(headers.get("origin"), null);
  assertEquals(headers.get("sec-websocket-protocol"), null);
  peer.close();
});

Deno.test("every request has another key", async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, async () => {
    const { request, peer } = await meet();
    peer.close();
    return request.headers.get("sec-websocket-key");
  }));
  assertEquals(new Set(keys).size, 20);
});

Deno.test("headers, protocols and origin are sent; Host can be another", async () => {
  const { request, peer } = await meet({
    headers: [["X-One", "1"], ["host", "other"], ["X-One", "2"], ["Authorization", "Basic eDp5"]],
    protocols: ["a", "b"],
    origin: "https://a.example",
  });
  const { headers } = request;
  assertEquals(headers.get("x-one"), "1, 2");
  assertEquals(headers.get("host"), "other");
  assertEquals(headers.get("authorization"), "Basic eDp5");
  assertEquals(headers.get("sec-websocket-protocol"), "a, b");
  assertEquals(headers.get("origin"), "https://a.example");
  peer.close();
});

Deno.test("frames right behind the answer aren't lost", async () => {
  const { request, peer, handshake } = await meet({ protocols: ["a", "b"] });
  const head = await answer(request, { "Sec-WebSocket-Protocol": "b" });
  await peer.write(concat([head, frame(0x81, "hi"), frame(0x88, "")]));
  const channel = await soon(handshake, "the handshake");
  assertEquals(channel.request, { path: "/x?y", protocol: "b" });
  assertEquals(decode((await channel.receive())!.data), "hi");
  assertEquals(await channel.receive(), null);
  peer.close();
  channel.close();
  await soon(channel.closed, "closed");
});

const wrong: [name: string, changes: Record<string, string | null>, why: string][] = [
  ["no Upgrade", { Upgrade: null }, "Upgrade is not websocket"],
  ["another Upgrade", { Upgrade: "h2c" }, "Upgrade is not websocket"],
  ["no Connection", { Connection: null }, "Connection is not Upgrade"],
  ["no proof", { "Sec-WebSocket-Accept": null }, "doesn't match the key"],
  ["a wrong proof", { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, "doesn't match"],
  ["a subprotocol", { "Sec-WebSocket-Protocol": "c" }, '"c" was not asked for'],
  ["an extension", { "Sec-WebSocket-Extensions": "x-other" }, "x-other was not asked for"],
  ["malformed extensions", { "Sec-WebSocket-Extensions": ";" }, "malformed Sec-WebSocket-Ext"],
  [
    "an extension twice",
    { "Sec-WebSocket-Extensions": "permessage-deflate, permessage-deflate" },
    "not accepted as it was offered",
  ],
  ...[
    ...["", "=7", "=16", "=08", "=+9", "=9.0", "=99"].flatMap((bits) => [
      `; server_max_window_bits${bits}`,
      `; client_max_window_bits${bits}`,
    ]),
    "; server_no_context_takeover=1",
    "; client_no_context_takeover=1",
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=9; server_max_window_bits=9",
    "; client_max_window_bits=9; client_max_window_bits=9",
    "; x",
  ].map((parameters): [string, Record<string, string>, string] => [
    `parameters "${parameters}"`,
    { "Sec-WebSocket-Extensions": `permessage-deflate${parameters}` },
    "not accepted as it was offered",
  ]),
];

for (const [name, changes, why] of wrong) {
  Deno.test(`a 101 with ${name} that nobody asked for is refused`, async () => {
    const { request, peer, handshake } = await meet();
    await peer.write(await answer(request, changes));
    const error = await assertRejects(() => soon(handshake, "handshake"), RefusedError, why);
    assertEquals(error.status, 7);
    assertStringIncludes(error.message, "ws://test/x");
    peer.close();
  });
}

Deno.test("a 101 of HTTP/1.0 is refused", async () => {
  const { request, peer, handshake } = await meet();
  const good = new TextDecoder().decode(await answer(request, {}));
  await peer.write(encode(good.replace("HTTP/1.1", "HTTP/1.0")));
  await assertRejects(() => soon(handshake, "handshake"), RefusedError, "can't switch");
  peer.close();
});

for (const server of ["", "; server_no_context_takeover"]) {
  for (const client of ["", "; client_no_context_takeover"]) {
    for (const bits of ["", ...[8, 9, 10, 11, 12, 13, 14, 15].map((bits) => `=${bits}`)]) {
      const windows = bits && `; server_max_window_bits${bits}; client_max_window_bits${bits}`;
      const accepted = `permessage-deflate${server}${client}${windows}`;
      Deno.test(`a 101 with ${accepted} is taken`, async () => {
        const { request, peer, handshake } = await meet();
        await peer.write(await answer(request, { "Sec-WebSocket-Extensions": accepted }));
        const channel = await soon(handshake, "handshake");
        const text = encode(randomBytes(700).toHex().repeat(4));
        const packed = deflateRawSync(text, {
          finishFlush: 2,
          windowBits: Number(bits.slice(1)) || 15,
        });
        await peer.write(frame(0xc1, packed.subarray(0, -4)));
        assertEquals((await soon(channel.receive(), "message"))!.data, text);
        peer.close();
        channel.close();
        await channel.closed.catch(() => {}); // The peer has closed.
      });
    }
  }
}

Deno.test("a server that takes none of our subprotocols is refused", async () => {
  const { request, peer, handshake } = await meet({ protocols: ["a"] });
  await peer.write(await answer(request));
  await assertRejects(() => soon(handshake, "handshake"), RefusedError, "none of the subprotocols");
  peer.close();
});

const refusals: [answer: string, message: string][] = [
  [
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 19\r\n\r\nnot you\nsecond line",
    "handshake ws://test/x: HTTP/1.1 403 Forbidden: not you",
  ],
  ["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404 Not Found"],
  ["HTTP/1.0 500 Oops\r\n\r\nno length", "HTTP/1.0 500 Oops: no length"],
  ["HTTP/1.1 401 \r\n\r\n", "HTTP/1.1 401"],
  [
    "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nbroken\n\r\n0\r\n\r\n",
    "HTTP/1.1 502 Bad Gateway: broken",
  ],
  ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\r\nx", "HTTP/1.1 200 OK"],
];

for (const [text, message] of refusals) {
  for (const cut of [text.length, text.indexOf("\r\n\r\n") + 4, 5]) {
    Deno.test(`a refusal shows ${message}, cut after ${cut}`, async () => {
      const { peer, handshake } = await meet();
      await peer.write(encode(text.slice(0, cut)));
      await peer.write(encode(text.slice(cut)));
      await peer.closeWrite();
      const error = await assertRejects(() => soon(handshake, "handshake"), RefusedError);
      assert(error.message.endsWith(message), error.message);
      peer.close();
    });
  }
}

Deno.test("a refusal whose body never ends is shown soon", async () => {
  const { peer, handshake } = await meet();
  await peer.write(encode("HTTP/1.1 503 Busy\r\n\r\nwait"));
  await assertRejects(() => soon(handshake, "handshake"), RefusedError, "503 Busy: wait");
  peer.close();
});

Deno.test("of a refusal without a line break, 1 KiB is read", async () => {
  const { peer, handshake } = await meet();
  await peer.write(encode(`HTTP/1.1 503 Busy\r\n\r\n${"x".repeat(50_000)}`));
  const { message } = await assertRejects(() => soon(handshake, "handshake"), RefusedError);
  assert(message.length < 1200, `${message.length} characters`);
  peer.close();
});

const noHttp: [answer: string, why: string, status: number][] = [
  ["", "ended without an answer", 1],
  ["HTTP/1.1 101 Sw", "inside an HTTP head", 1],
  ["SSH-2.0-OpenSSH_9\r\n", "it doesn't speak HTTP", 7],
  ["\x15\x03\x01\x00\x02", "it speaks TLS", 7],
  ["HTTP/1.1 101\x07", "control character", 7],
  ["\x00\x01", 'it said "\\\\0\\\\x01"', 7],
  [`HTTP/1.1 101 X\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, "longer than 16384 bytes", 7],
  ["HTTP/1.1 101 X\r\nbroken\r\n\r\n", "malformed header field", 7],
];

for (const [text, why, expected] of noHttp) {
  Deno.test(`an answer that is no HTTP fails the handshake: ${why}`, async () => {
    const { peer, handshake } = await meet();
    await peer.write(encode(text)).catch(() => {});
    if (expected === 1) await peer.closeWrite();
    const error = await assertRejects(() => soon(handshake, "handshake"));
    assert(error instanceof CoaxError);
    assertEquals(error.status, expected);
    assertMatch(error.message, new RegExp(`^handshake ws://test/x: .*${why}`));
    peer.close();
  });
}
