import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError, TimeoutError } from "../../src/core/errors.ts";
import { exchange, type ExchangeOptions, type Outcome } from "../../src/http/exchange.ts";
import { HttpError } from "../../src/http/http_error.ts";
import { ask, decode, encode, readAll, readExactly } from "../support/connections.ts";
import { memoryPair } from "../support/memory.ts";
import { isPending, soon, until } from "../support/wait.ts";

interface Served {
  readonly client: Duplex;
  readonly outcome: Promise<Outcome | undefined>;
  readonly stop: AbortController;
}

/** Serves one exchange with `fetch`; nothing else is limited by default. */
function serving(fetch: ExchangeOptions["fetch"], options: Partial<ExchangeOptions> = {}): Served {
  const [client, server] = memoryPair();
  const stop = new AbortController();
  const outcome = exchange(server, {
    fetch,
    refusal: ({ status, message, headers }) => new Response(message, { status, headers }),
    stop: stop.signal,
    established: () => {},
    judge: () => {},
    maxBody: 1000,
    requestTimeout: 60_000,
    fetchTimeout: 60_000,
    writeTimeout: 60_000,
    ...options,
  });
  return { client, outcome, stop };
}

/** Answers with what was asked. */
const mirror: ExchangeOptions["fetch"] = async (request) => {
  const { method, url, headers } = request;
  return new Response(`${method} ${url} ${headers.get("x") ?? "-"} ${await request.text()}`);
};

async function answerTo(text: string, options?: Partial<ExchangeOptions>): Promise<string> {
  const { client, outcome } = serving(mirror, options);
  const answer = await ask(client, text);
  client.close();
  await soon(outcome, "the exchange");
  return answer;
}

const bodyOf = (answer: string) => answer.slice(answer.indexOf("\r\n\r\n") + 4);
const statusOf = (answer: string) => Number(answer.slice(9, 12));

const asked: [name: string, request: string, body: string][] = [
  ["a target", "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\nX: y\r\n\r\n", "GET http://h:1/a?b=c y "],
  ["a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", "POST http://h/ - hi"],
  [
    "chunks",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\nh\r\n1\r\ni\r\n0\r\nA: b\r\n\r\n",
    "POST http://h/ - hi",
  ],
  [
    "a GET's body is dropped",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
    "GET http://h/ - ",
  ],
  ["a DELETE without body", "DELETE /x HTTP/1.1\r\nHost: h\r\n\r\n", "DELETE http://h/x - "],
  ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "GET http://localhost/ - "],
  ["a target as to a proxy", "GET http://a/x?y HTTP/1.1\r\nHost: b\r\n\r\n", "GET http://a/x?y - "],
  ["two slashes are a path", "GET //evil/x HTTP/1.1\r\nHost: h\r\n\r\n", "GET http://h//evil/x - "],
  ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS http://h/* - "],
];

for (const [name, request, body] of asked) {
  Deno.test(`an exchange hands the request on, however it is cut: ${name}`, async () => {
    for (let cut = 0; cut <= request.length; cut++) {
      const { client, outcome } = serving(mirror);
      await client.write(encode(request.slice(0, cut)));
      await isPending(outcome);
      await client.write(encode(request.slice(cut)));
      const answer = decode(await readAll(client));
      client.close();
      assertEquals([statusOf(answer), bodyOf(answer)], [200, body], `cut at ${cut}`);
      assertMatch(answer, /\r\nConnection: close\r\n/);
      assertMatch(answer, new RegExp(`\r\nContent-Length: ${body.length}\r\n`));
      await soon(outcome, "the exchange");
    }
  });
}

const refused: [name: string, request: string, status: number][] = [
  ["no HTTP", "\x16\x03\x01\x02\r\n\r\n", 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
  ["a Host that is a path", "GET /x HTTP/1.1\r\nHost: a/b?c\r\n\r\n", 400],
  ["a target that is no path", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a method without a form", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["a long head", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(16 * 1024)}\r\n\r\n`, 431],
  ["a long body", `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n`, 413],
  [
    "chunks that are too many",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + "x".repeat(1000) +
    "\r\n1\r\nx\r\n0\r\n\r\n",
    413,
  ],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
  ],
];

for (const [name, request, status] of refused) {
  Deno.test(`an exchange refuses ${name}: ${status}`, async () => {
    assertEquals(statusOf(await answerTo(request)), status);
  });
}

Deno.test("a body of exactly the limit is read", async () => {
  const fixed = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1000)}`;
  assertEquals(bodyOf(await answerTo(fixed)), `POST http://a/ - ${"x".repeat(1000)}`);
});

Deno.test("a refused head's body isn't asked for, and its answer says why", async () => {
  const judge = () => {
    throw new HttpError(401, "who?", { "WWW-Authenticate": "Bearer" });
  };
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
  const answer = await answerTo(head, { judge });
  assertEquals([statusOf(answer), bodyOf(answer)], [401, "who?"]);
  assertMatch(answer, /\r\nwww-authenticate: Bearer\r\n/i);
});

Deno.test("a body that waits to be asked for is asked for", async () => {
  const { client, outcome } = serving(mirror);
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
  await client.write(encode(head));
  const interim = "HTTP/1.1 100 Continue\r\n\r\n";
  assertEquals(decode(await readExactly(client, interim.length)), interim);
  await client.write(encode("hi"));
  assertEquals(bodyOf(decode(await readAll(client))), "POST http://a/ - hi");
  client.close();
  await soon(outcome, "the exchange");
});

for (
  const [name, sent] of [
    ["head", "GET / HTTP/1.1\r\nHost"],
    ["body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"],
    ["chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"],
  ] as const
) {
  Deno.test(`a ${name} that never ends has a deadline: 408`, async () => {
    const { client, outcome } = serving(mirror, { requestTimeout: 20 });
    await client.write(encode(sent));
    assertEquals(statusOf(decode(await readAll(client))), 408);
    client.close();
    assertEquals((await soon(outcome, "the exchange"))?.status, 408);
  });

  Deno.test(`EOF inside a ${name} is no request`, async () => {
    const { client, outcome } = serving(mirror);
    const failure = assertRejects(() => outcome, BrokenError);
    await ask(client, sent).catch(() => {});
    client.close();
    await soon(failure, "the failure");
  });
}

Deno.test("a silent connection is closed at its deadline without an answer", async () => {
  const { client, outcome } = serving(mirror, { requestTimeout: 20 });
  assertEquals(await readAll(client), new Uint8Array());
  client.close();
  assertEquals(await soon(outcome, "the exchange"), undefined);
});

/** A response without an end; `controller` feeds it, `cancelled` resolves when it isn't wanted. */
function endless() {
  const cancelled = Promise.withResolvers<unknown>();
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: (reason) => cancelled.resolve(reason),
  });
  return { response: new Response(body), controller, cancelled: cancelled.promise };
}

const GET = encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

for (const version of ["1.0", "1.1"]) {
  Deno.test(`a body that grows is sent as it grows, in HTTP/${version}`, async () => {
    const { response, controller } = endless();
    const { client, outcome } = serving(() => response);
    await client.write(encode(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`));
    const head = decode(await readHead(client));
    assertEquals([statusOf(head), head.includes("Content-Length")], [200, false]);
    const [first, end] = version === "1.0" ? ["hi", ""] : ["2\r\nhi\r\n", "0\r\n\r\n"];
    controller.enqueue(encode("hi"));
    assertEquals(decode(await readExactly(client, first.length)), first);
    controller.enqueue(new Uint8Array());
    controller.close();
    assertEquals(decode(await readAll(client)), end);
    client.close();
    await soon(outcome, "the exchange");
  });
}

async function readHead(client: Duplex): Promise<Uint8Array> {
  const bytes: number[] = [];
  while (!decode(Uint8Array.from(bytes)).endsWith("\r\n\r\n")) {
    bytes.push(...await readExactly(client, 1));
  }
  return Uint8Array.from(bytes);
}

Deno.test("a body without an end is cancelled when its reader resets the connection", async () => {
  const { response, cancelled } = endless();
  const signal = Promise.withResolvers<AbortSignal>();
  const { client, outcome } = serving((request) => {
    signal.resolve(request.signal);
    return response;
  });
  await client.write(GET);
  await readHead(client);
  assertEquals((await signal.promise).aborted, false);
  client.close(new BrokenError("test", "client", "left"));
  await soon(cancelled, "the cancellation");
  assertEquals((await signal.promise).aborted, true);
  await soon(outcome.catch(() => {}), "the exchange");
});

Deno.test("a reader that half-closes still gets its answer", async () => {
  const { response, controller } = endless();
  const { client, outcome } = serving((request) => {
    setTimeout(() => {
      assertEquals(request.signal.aborted, false);
      controller.enqueue(encode("late"));
      controller.close();
    }, 20);
    return response;
  });
  assertEquals(bodyOf(await ask(client, decode(GET))), "4\r\nlate\r\n0\r\n\r\n");
  client.close();
  await soon(outcome, "the exchange");
});

Deno.test("a reader that takes nothing is let go, and its body is cancelled", async () => {
  let pulled = 0;
  const cancelled = Promise.withResolvers<unknown>();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(32 * 1024));
    },
    cancel: (reason) => cancelled.resolve(reason),
  }, { highWaterMark: 0 });
  const { client, outcome } = serving(() => new Response(body), { writeTimeout: 30 });
  await client.write(GET);
  const error = await soon(assertRejects(() => outcome, TimeoutError), "the deadline");
  assertEquals(error.message, "send to memory:a: takes nothing for 0.03 s");
  await soon(cancelled.promise, "the cancellation");
  assertEquals(pulled < 8, true, `${pulled} pieces of 32 KiB for a buffer of 64 KiB`);
  client.close();
});

Deno.test("the end of the program ends what has no end, and drops what isn't asked yet", async () => {
  const { response, controller } = endless();
  const watching = serving((request) => {
    request.signal.addEventListener("abort", () => controller.close());
    return response;
  });
  await watching.client.write(GET);
  await readHead(watching.client);
  watching.stop.abort(new BrokenError("test", "server", "ends"));
  assertEquals(decode(await readAll(watching.client)), "0\r\n\r\n");
  watching.client.close();
  await soon(watching.outcome, "the exchange");

  const asking = serving(mirror);
  await asking.client.write(encode("GET / HT"));
  asking.stop.abort(new BrokenError("test", "server", "ends"));
  await soon(assertRejects(() => asking.outcome, BrokenError), "the other exchange");
  asking.client.close();
});

Deno.test("what fails inside is told to the log alone", async () => {
  const { client, outcome } = serving(() => {
    throw new Error("a secret");
  });
  const answer = await ask(client, decode(GET));
  client.close();
  assertEquals([statusOf(answer), bodyOf(answer)], [500, "internal error"]);
  assertEquals(String((await soon(outcome, "the exchange"))?.error), "Error: a secret");
});

Deno.test("an answer that takes too long is 503, and its body is dropped when it comes", async () => {
  const late = endless();
  const answer = Promise.withResolvers<Response>();
  const { client, outcome } = serving(() => answer.promise, { fetchTimeout: 20 });
  assertEquals(statusOf(await ask(client, decode(GET))), 503);
  client.close();
  await soon(outcome, "the exchange");
  answer.resolve(late.response);
  await soon(late.cancelled, "the cancellation");
});

for (const [what, status] of [["HEAD", 200], ["GET", 204], ["GET", 304]] as const) {
  Deno.test(`no body goes with ${what} and ${status}`, async () => {
    const { response, cancelled } = endless();
    const body = status === 200 ? response.body : null;
    const { client, outcome } = serving(() => new Response(body, { status }));
    const answer = await ask(client, `${what} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    client.close();
    assertEquals([statusOf(answer), bodyOf(answer)], [status, ""]);
    assertEquals(/transfer-encoding|content-length/i.test(answer), false);
    if (body) await soon(cancelled, "the cancellation");
    await soon(outcome, "the exchange");
  });
}

Deno.test("a large body has its length, and arrives whole", async () => {
  const text = "0123456789".repeat(100_000);
  const { client, outcome } = serving(() => new Response(text));
  const answer = await ask(client, decode(GET));
  client.close();
  assertMatch(answer, /\r\nContent-Length: 1000000\r\n/);
  assertEquals(bodyOf(answer), text);
  await soon(outcome, "the exchange");
});

Deno.test("a request counts as read only with its last byte", async () => {
  let established = 0;
  const { client, outcome } = serving(mirror, { established: () => established++ });
  await client.write(encode("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh"));
  await isPending(outcome);
  assertEquals(established, 0);
  await client.write(encode("i"));
  await until(() => established === 1, "the request");
  await readAll(client);
  client.close();
  await soon(outcome, "the exchange");
});
