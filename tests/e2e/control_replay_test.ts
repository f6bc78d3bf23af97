/** `POST /replay`: recordings played through the proxies of a control. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/wait.ts";
import { Coax, temporary } from "./coax.ts";
import { type Answer, ControlProcess } from "./control.ts";
import { Lines } from "./control_answers.ts";
import { connectTo, listenHere, receive, receiveText, send, soon } from "./peers.ts";

interface Result {
  connection?: number;
  connections?: number;
  same?: boolean;
  sent?: number;
  received?: number;
  error?: string;
  dump?: string[];
}

/** A recorded connection in which the client says something, and gets it back. */
function spoken(text: string, answer = text, id = 1, transport?: "ws" | "udp"): string {
  const event = transport ? "message" : "data";
  const ends = transport ? [] : [
    { event: "half-close", dir: "in" },
    { event: "half-close", dir: "out" },
  ];
  return [
    { event: "open", dir: "in", peer: "10.0.0.1:5", transport },
    { event, dir: "in", text },
    { event, dir: "out", text: answer },
    ...ends,
    { event: "close", dir: "in" },
  ].map((one) => JSON.stringify({ t: 0, id, ...one }) + "\n").join("");
}

function resultsOf({ text }: Pick<Answer, "text">): Result[] {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** A control with the proxy web, which leads to an echo. */
async function controlled(stack: AsyncDisposableStack, ...args: string[]) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const control = stack.use(await ControlProcess.start(...args));
  const upstream = (await echo.address()).replace("tcp://", "");
  const { listen } = await control.proxy("web", upstream);
  return { control, upstream, address: `tcp://${listen}` };
}

Deno.test("POST /replay plays a recording of GET /recording, and finds it the same", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address } = await controlled(stack);
  const lines = await Lines.open(`${control.url}/recording?proxy=web`);
  for (const text of ["one", "two"]) {
    using conn = await connectTo(address);
    await send(conn, text);
    await conn.closeWrite();
    assertEquals(await receiveText(conn), text);
  }
  let recording = "";
  while (recording.split('"close"').length < 3) recording += await lines.next() + "\n";
  await lines[Symbol.asyncDispose]();
  const answer = await control.ask("POST", "/replay?proxy=web&speed=max", recording);
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/jsonl"]);
  assertEquals(resultsOf(answer), [
    { connection: 1, sent: 3, received: 3 },
    { connection: 2, sent: 3, received: 3 },
    { connections: 2, same: true },
  ]);
});

Deno.test("POST /replay shows the first difference as a hexdump", async () => {
  await using stack = new AsyncDisposableStack();
  const { control } = await controlled(stack);
  const recording = spoken("hello", "hallo") + spoken("a", "b", 2);
  const results = resultsOf(await control.ask("POST", "/replay?proxy=web", recording));
  assertEquals(results.map(({ connection, same }) => connection ?? same), [1, 2, false]);
  const [first, second] = results;
  assertMatch(first!.error!, /^check \S+: connection 1: byte 1 differs from the recording$/);
  assertEquals(first!.dump!.map((line) => line.slice(0, 10)), [
    "- recorded",
    "- 00000000",
    "+ received",
    "+ 00000000",
  ]);
  assertMatch(second!.error!, /byte 0 differs/);
  assertEquals(second!.dump, undefined);
});

interface Kind {
  readonly listen: string;
  /** Where the echo behind it listens. */
  readonly echo?: string;
  readonly transport?: "ws" | "udp";
  readonly args?: readonly string[];
}

const KINDS: readonly Kind[] = [
  { listen: "unix:FOLDER/web" },
  { listen: "0.0.0.0:0" },
  { listen: "tls://127.0.0.1:0", args: ["--self-signed"] },
  { listen: "ws://127.0.0.1:0/room", echo: "ws://127.0.0.1:0", transport: "ws" },
  { listen: "udp://127.0.0.1:0", echo: "udp://127.0.0.1:0", transport: "udp" },
  { listen: "127.0.0.1:0", args: ["--proxy-protocol", "in"] },
];

for (const { listen, echo: behind = "127.0.0.1:0", transport, args = [] } of KINDS) {
  Deno.test(`POST /replay plays as a client of ${[listen, ...args].join(" ")}`, async () => {
    await using folder = await temporary();
    await using echo = Coax.start(["echo", behind]);
    const place = listen.replace("FOLDER", folder.path);
    const words = ["relay", place, await echo.address(), "--control", "127.0.0.1:0", ...args];
    await using control = await ControlProcess.of(words);
    const recording = spoken("hello", "hello", 1, transport);
    const answer = await control.ask("POST", "/replay?proxy=relay&speed=max", recording);
    const [first, last] = resultsOf(answer);
    assertEquals(first!.error, undefined, answer.text);
    assertEquals(last, { connections: 1, same: true });
  });
}

Deno.test("POST /replay refuses what it can't play, and says why", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, upstream } = await controlled(stack);
  await control.proxy("down", upstream, { enabled: false });
  const many = Array.from({ length: 1001 }, (_, i) => `{"t":0,"id":${i + 1},"event":"open"}\n`);
  const cases: [string, string, number, RegExp][] = [
    ["?proxy=nope", spoken("x"), 404, /^proxy not found$/],
    ["", spoken("x"), 404, /^proxy not found$/],
    ["?proxy=down", spoken("x"), 409, /^proxy is disabled$/],
    ["?proxy=web&speed=fast", spoken("x"), 400, /^speed: expected a number such as 1/],
    ["?proxy=web", "", 400, /^bad request body: no connection was recorded$/],
    ["?proxy=web", `${spoken("x")}{}\n`, 400, /^bad request body: line 7: expected a number/],
    ["?proxy=web", "\x1b[2J\n", 400, /^bad request body: line 1: expected a JSON object$/],
    [
      "?proxy=web",
      spoken("x") + spoken("x", "x", 1, "udp"),
      400,
      /connection 1 has both bytes and/,
    ],
    ["?proxy=web", many.join(""), 400, /^bad request body: 1001 connections, at most 1000$/],
    ["?proxy=web", spoken("x".repeat(2 ** 20)), 413, /^the body is longer than 1048576 bytes$/],
  ];
  for (const [query, body, status, message] of cases) {
    const answer = await control.ask("POST", `/replay${query}`, body);
    assertEquals(answer.status, status, `${query} ${answer.text}`);
    assertMatch(JSON.parse(answer.text).error, message);
  }
  assertEquals((await control.ask("GET", "/replay?proxy=web")).status, 405);
});

Deno.test("POST /replay is for those who may ask", async () => {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const token = ["--token", "open-sesame"];
  const words = ["relay", "127.0.0.1:0", await echo.address(), "--control", "127.0.0.1:0"];
  const control = stack.use(await ControlProcess.of([...words, ...token]));
  const ask = async (headers: Record<string, string>) => {
    const body = spoken("x");
    const url = `${control.url}/replay?proxy=relay`;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.body?.cancel();
    return response.status;
  };
  const Authorization = "Bearer open-sesame";
  assertEquals(await ask({}), 401);
  assertEquals(await ask({ Authorization, Origin: "http://elsewhere.example" }), 403);
  assertEquals(await ask({ Authorization, "Sec-Fetch-Site": "cross-site" }), 403);
  assertEquals(await ask({ Authorization }), 200);
});

Deno.test("at most four recordings are played at once, and a reader that leaves ends its own", async () => {
  await using stack = new AsyncDisposableStack();
  const target = stack.use(listenHere());
  const control = stack.use(await ControlProcess.start());
  await control.proxy("web", target.address);
  const leaving = new AbortController();
  const url = `${control.url}/replay?proxy=web`;
  const begun = [];
  const targets = [];
  for (let i = 0; i < 4; i++) {
    const { signal } = leaving;
    begun.push(await fetch(url, { method: "POST", body: spoken("ask", "an answer"), signal }));
    targets.push(await target.accept());
    assertEquals(await receiveText(targets[i]!, 3), "ask");
  }
  const { status, text } = await control.ask("POST", "/replay?proxy=web", spoken("x"));
  assertEquals([status, JSON.parse(text).error], [503, "4 recordings are played already"]);
  leaving.abort();
  for (const { body } of begun) await body!.cancel().catch(() => {});
  for (const conn of targets) {
    assertEquals(await soon(conn.read(new Uint8Array(1)), "the end"), null);
    conn.close();
  }
  await until(async () => (await control.connections()).length === 0, "their end");
  const again = fetch(url, { method: "POST", body: spoken("ask", "") });
  using conn = await target.accept();
  await receive(conn, 3);
  conn.close();
  assert((await (await again).text()).includes('"same":'));
});
