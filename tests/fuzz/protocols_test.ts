/** Almost valid input of peers, 55,000 times: understood, or refused with a `CoaxError`. */
import { assert, assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { silent } from "../../src/core/log.ts";
import { exchange } from "../../src/http/exchange.ts";
import { HeadError, parseRequest, parseResponse, readHead } from "../../src/http/head.ts";
import { httpConnect } from "../../src/proxy/http_connect.ts";
import { proxyHeader, takeProxyHeader } from "../../src/proxy/proxy_protocol.ts";
import { socks5Accept, socks5Connect } from "../../src/proxy/socks5.ts";
import { formatDatagram, parseDatagram } from "../../src/proxy/socks5_datagram.ts";
import { acceptWebSocket } from "../../src/ws/server.ts";
import { encode, Script } from "../support/connections.ts";
import { fuzz, knownOutcome, mutatedBytes, pieces } from "./fuzz.ts";
import { below, pick } from "../support/random.ts";
import { UPGRADE } from "../support/websocket.ts";
import { channelOn } from "../ws/pair.ts";
import { bytes, frame, masked } from "../ws/wire.ts";

const HEADS = [
  UPGRADE,
  "GET /metrics HTTP/1.1\r\nHost: localhost:80\r\nAccept: */*\r\n\r\n",
  "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\nrest",
  "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
].map(encode);

Deno.test("17,000 HTTP heads are understood, or refused", async () => {
  await fuzz(17_000, async (random) => {
    const sent = pieces(random, mutatedBytes(random, HEADS));
    const parse = pick(random, [parseRequest, parseResponse]);
    await knownOutcome(
      readHead(new Script(sent)).then((head) => head && parse(head.text)),
      HeadError,
    );
  });
});

Deno.test("3,000 WebSocket requests are answered or refused", async () => {
  await fuzz(3_000, async (random) => {
    const client = new Script(pieces(random, mutatedBytes(random, [HEADS[0]!, HEADS[1]!])));
    const channel = await knownOutcome(acceptWebSocket(client, { loopback: true }, {}, silent));
    const { text } = client;
    assert(text === "" || /^HTTP\/1\.1 \d{3} [\w ]+\r\n/.test(text), text);
    assertEquals(channel !== undefined, text.startsWith("HTTP/1.1 101 "));
    channel?.close();
  });
});

const REQUESTS = [
  "GET /proxies?a=b HTTP/1.1\r\nHost: localhost:8474\r\nOrigin: http://localhost:8474\r\n\r\n",
  "POST /proxies HTTP/1.1\r\nHost: [::1]:1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
  "PATCH http://h/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n",
  "DELETE //a/../b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a.b:80\r\nAuthorization: Bearer x\r\n\r\n",
].map(encode);

Deno.test("4,000 HTTP requests are answered, refused, or dropped when they are cut", async () => {
  await fuzz(4_000, async (random) => {
    const client = new Script(pieces(random, mutatedBytes(random, REQUESTS)));
    const outcome = await knownOutcome(exchange(client, {
      fetch: async (request) => new Response(`${request.url} ${await request.text()}`),
      refusal: ({ status, message }) => new Response(message, { status }),
      judge: () => {},
      stop: new AbortController().signal,
      established: () => {},
      maxBody: 1000,
      requestTimeout: 60_000,
      fetchTimeout: 60_000,
      writeTimeout: 60_000,
    }));
    const text = client.text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
    const [, status] = /^HTTP\/1\.1 (\d{3}) [\w ]+\r\n/.exec(text) ?? [];
    assertEquals(Number(status ?? 0), outcome?.status ?? 0, text);
    assert(outcome?.status !== 500, String(outcome?.error));
  });
});

const FRAMES = [
  masked(frame(0x81, "text")),
  masked(frame(0x82, new Uint8Array(300))),
  masked(frame(0x01, "be")),
  masked(frame(0x80, "gun")),
  masked(frame(0x89, "ping")),
  masked(frame(0x8a, "")),
  masked(frame(0x88, bytes("03e8"))),
  masked(frame(0xc1, bytes("f248cdc9c90700"))),
  frame(0x81, "unmasked"),
  bytes("82 ff 7fffffffffffffff 00000000"),
];

Deno.test("8,000 WebSocket byte streams are messages, or a CoaxError", async () => {
  await fuzz(8_000, async (random) => {
    const some = Array.from({ length: 1 + below(random, 4) }, () => pick(random, FRAMES));
    const client = new Script(pieces(random, mutatedBytes(random, [concat(some)])));
    const channel = channelOn(client, "server", { maxMessage: 1000 });
    const read = async () => {
      let size = 0;
      for (let got = await channel.receive(); got; got = await channel.receive()) {
        size += got.data.length;
      }
      return size;
    };
    await knownOutcome(read());
    channel.close();
    await knownOutcome(channel.closed);
  });
});

const ORIGINAL = { source: "1.2.3.4:5", destination: "[::1]:6" };
const PROXIED = [
  proxyHeader("v1", ORIGINAL),
  proxyHeader("v2", ORIGINAL),
  proxyHeader("v2", { source: "1.2.3.4:5", destination: "6.7.8.9:10" }),
  encode("PROXY UNKNOWN\r\n"),
  bytes('"PROXY TCP6 ::1 ::2 1 2" 0d0a'),
  bytes("0d0a0d0a000d0a515549540a 20 00 0000"),
];

Deno.test("8,000 PROXY headers are understood, or refused", async () => {
  await fuzz(8_000, async (random) => {
    const sent = pieces(random, mutatedBytes(random, PROXIED));
    await knownOutcome(takeProxyHeader(new Script(sent)));
  });
});

const SOCKS = [
  bytes("05 01 00 05 01 00 01 7f000001 0050"),
  bytes('05 02 00 02 05 01 00 03 0b "example.com" 01bb'),
  bytes("05 01 00 05 01 00 04 00*15 01 0050"),
  bytes("05 00 05 00 00 01 00000000 0000"),
  bytes("05 02 01 00 05 00 00 03 01 78 0000"),
];
const DATAGRAMS = [
  bytes('000000 01 7f000001 0035 "question"'),
  bytes('000000 03 0b "example.com" 01bb "x"'),
  bytes("000000 04 00*15 01 0050"),
  bytes('000001 01 7f000001 0035 "fragment"'),
];
const LOGIN = { user: "me", password: "secret" };

Deno.test("6,000 SOCKS5 requests and answers are understood, or refused", async () => {
  const target = { host: "example.com", port: 80 };
  await fuzz(6_000, async (random, seed) => {
    const end = new Script(pieces(random, mutatedBytes(random, SOCKS)));
    await knownOutcome<unknown>(seed % 2 ? socks5Accept(end) : socks5Connect(end, target, LOGIN));
  });
});

Deno.test("6,000 datagrams with a SOCKS5 header are understood, or refused", async () => {
  await fuzz(6_000, async (random) => {
    const parsed = parseDatagram(mutatedBytes(random, DATAGRAMS));
    if (typeof parsed === "string") return;
    const { target, data } = parsed;
    await Promise.resolve(assertEquals(parseDatagram(formatDatagram(target, data)), parsed));
  });
});

Deno.test("3,000 answers of HTTP proxies are understood, or refused", async () => {
  const answers = [...HEADS.slice(-2), encode("HTTP/1.0 407 No\r\n\r\n")];
  await fuzz(3_000, async (random) => {
    const proxy = new Script(pieces(random, mutatedBytes(random, answers)));
    await knownOutcome(httpConnect(proxy, { host: "h", port: 1 }, LOGIN));
  });
});
