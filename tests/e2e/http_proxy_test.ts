/** `http-proxy:` with plain requests: what passes, and that both connections are closed. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decode, encode, readAll } from "../support/connections.ts";
import { connect, type Service, service } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";
import { Coax } from "./coax.ts";

const proxy = (...args: string[]) =>
  Coax.start(["relay", "127.0.0.1:0", "http-proxy:", "--allow-target", "127.0.0.0/8", ...args]);

interface Origin extends Service {
  /** Host and port. */
  readonly at: string;
  /** The bytes of each connection. */
  readonly received: string[];
  /** The number of closed connections. */
  readonly closed: () => number;
}

/** Answers each connection with `answer` after a request head, and then keeps it open. */
async function origin(answer: string | ((received: string) => string)): Promise<Origin> {
  const received: string[] = [];
  let closed = 0;
  const server = await service("127.0.0.1:0", async (connection) => {
    const buffer = new Uint8Array(65_536);
    const index = received.push("") - 1;
    let answered = false;
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      received[index] += decode(buffer.subarray(0, n));
      if (answered || !received[index]!.includes("\r\n\r\n")) continue;
      answered = true;
      await connection.write(
        encode(typeof answer === "string" ? answer : answer(received[index]!)),
      );
    }
    connection.close();
    closed++;
  });
  return {
    ...server,
    received,
    closed: () => closed,
    at: server.addresses[0]!.replace("tcp://", ""),
  };
}

/** Reads until the proxy's EOF, without a half-close of its own. */
async function ask(address: string, request: string): Promise<string> {
  const connection = await connect(address);
  await connection.write(encode(request));
  const answer = decode(await soon(readAll(connection), "the proxy's end"));
  connection.close();
  return answer;
}

const KEPT = "Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n";
const promised = /^Connection: close\r$/m;

const finalAnswers: [name: string, method: string, answer: string, content: string][] = [
  ["Content-Length", "GET", `200 OK\r\n${KEPT}Content-Length: 5\r\n\r\nhello`, "hello"],
  [
    "chunks",
    "GET",
    `200 OK\r\n${KEPT}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    "0",
  ],
  ["HEAD", "HEAD", `200 OK\r\n${KEPT}Content-Length: 5\r\n\r\n`, ""],
  ["204", "GET", `204 No Content\r\n${KEPT}\r\n`, ""],
  ["304", "GET", `304 Not Modified\r\n${KEPT}Content-Length: 5\r\n\r\n`, ""],
  [
    "100 before it",
    "GET",
    `100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx`,
    "x",
  ],
];

for (const [name, method, answer, content] of finalAnswers) {
  Deno.test(`an HTTP proxy closes after an answer whose origin stays open: ${name}`, async () => {
    await using server = await origin(`HTTP/1.1 ${answer}`);
    await using relay = proxy();
    const request = `${method} http://${server.at}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
    const text = await ask(await relay.address(), request);
    assertMatch(text, promised);
    assertStringIncludes(text, content);
    assert(!/keep-alive/i.test(text), text);
    assertEquals(relay.stderr.match(/^coax: .*/m), null, relay.stderr);
  });
}

Deno.test("an HTTP proxy passes on neither what Connection names nor TE, and adds Via, both ways", async () => {
  const fields = "X-One: 1\r\nConnection: close, X-One\r\nX-Two: 2\r\nTE: trailers\r\n" +
    "connection: x-two\r\nX-Three: 3\r\nVia: 1.0 other\r\n";
  await using server = await origin(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`);
  await using relay = proxy();
  const request = `GET http://${server.at}/ HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
  const answer = await ask(await relay.address(), request);
  for (const text of [answer, server.received[0]!]) {
    assert(!/^(?:x-one|x-two|te):/im.test(text), text);
    assertMatch(text, /^X-Three: 3\r$/m);
    assertMatch(text, /^Via: 1\.0 other\r\n(?:.*\r\n)*Via: 1\.1 coax\r$/m);
    assertMatch(text, promised);
  }
});

Deno.test("an HTTP proxy closes both connections, though neither origin nor client closes its own", async () => {
  await using server = await origin(`HTTP/1.1 200 OK\r\n${KEPT}Content-Length: 5\r\n\r\nhello`);
  await using relay = proxy("-v");
  const connection = await connect(await relay.address());
  await connection.write(encode(`GET http://${server.at}/ HTTP/1.1\r\nHost: x\r\n\r\n`));
  assertMatch(decode(await soon(readAll(connection), "the answer's end")), /\r\n\r\nhello$/);
  await until(() => server.closed() === 1, "the origin's end");
  await relay.logs(/close /);
  connection.close();
});

Deno.test("an HTTP proxy refuses malformed chunks, and passes none of them on", async () => {
  await using server = await origin("");
  await using relay = proxy();
  const address = await relay.address();
  const post =
    `POST http://${server.at}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const wrong = [
    "5\r\nhelloXX0\r\n\r\n",
    "5\r\nhelloXX\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "0\r\nA b\r\n",
  ];
  for (const chunks of wrong) {
    assertMatch(await ask(address, post + chunks), /^HTTP\/1\.1 400 Bad Request\r\n/);
    await relay.logs(/HTTP: malformed chunk/);
  }
  await until(() => server.received.length === wrong.length, "each request");
  for (const received of server.received) assert(!/XX|5 |A b/.test(received), received);
});

Deno.test("an HTTP proxy refuses a length that another may read otherwise", async () => {
  await using server = await origin("200 OK\r\n\r\n");
  await using relay = proxy();
  const address = await relay.address();
  for (const field of ["Transfer-Encoding: \xa0chunked", "Content-Length: 5\xa0"]) {
    const head = `POST http://${server.at}/ HTTP/1.1\r\nHost: ${server.at}\r\n${field}\r\n\r\n`;
    const connection = await connect(address);
    await connection.write(Uint8Array.from(head, (character) => character.charCodeAt(0)));
    const answer = decode(await soon(readAll(connection), "the proxy's end"));
    assertMatch(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
    connection.close();
  }
  assertEquals(server.received, []);
});

Deno.test("an HTTP proxy answers 502 if its target's answer is malformed", async () => {
  await using relay = proxy();
  for (
    const [answer, why] of [["SSH-2.0-x\r\n", /speak HTTP/], ["HTTP/1.1 2000 OK\r\n\r\n", /status/]]
  ) {
    await using server = await origin(answer as string);
    const request = `GET http://${server.at}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
    const text = await ask(await relay.address(), request);
    assertMatch(text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
    assertMatch(text, why as RegExp);
    await relay.logs(why as RegExp);
  }
});

Deno.test("an upload goes on after an early answer", async () => {
  const LENGTH = 3_000_000;
  await using server = await origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  await using relay = proxy();
  const connection = await connect(await relay.address());
  await connection.write(encode(
    `POST http://${server.at}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${LENGTH}\r\n\r\n`,
  ));
  const answer = decode(await soon(readAll(connection), "the answer's end"));
  assertMatch(answer, /\r\n\r\nok$/);
  await connection.write(encode("x".repeat(LENGTH)));
  await connection.closeWrite();
  await until(
    () => server.received[0]!.endsWith("x") && server.received[0]!.length > LENGTH,
    "all of it",
  );
  connection.close();
});

Deno.test("Max-Forwards is counted down, and at 0 the proxy answers itself", async () => {
  await using server = await origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  await using relay = proxy();
  const address = await relay.address();
  const request = (method: string, left: number) =>
    `${method} http://${server.at} HTTP/1.1\r\nHost: x\r\nMax-Forwards: ${left}\r\n\r\n`;
  await ask(address, request("OPTIONS", 2));
  assertMatch(server.received[0]!, /^OPTIONS \* HTTP\/1\.1\r\n(?:.*\r\n)*Max-Forwards: 1\r$/m);
  assertMatch(await ask(address, request("OPTIONS", 0)), /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(await ask(address, request("TRACE", 0)), /^HTTP\/1\.1 405 Method Not Allowed\r\n/);
  assertEquals(server.received.length, 1);
});
