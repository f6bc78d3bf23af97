/** The `ws` package, wscat, websockify, curl and Deno's own WebSocket as peers. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { WebSocket as NodeSocket, WebSocketServer } from "ws";
import type { Channel, Message } from "../../src/core/duplex.ts";
import { carry } from "../../src/core/splice.ts";
import { Coax, PIPE } from "../e2e/coax.ts";
import { decode, encode } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";
import { service } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";
import { connectWs, wsEcho } from "../support/websocket.ts";
import { available, testWith } from "./peer_program.ts";

const MESSAGES: Message[] = [
  { data: encode("hello"), text: true },
  { data: encode(""), text: true },
  { data: new Uint8Array(), text: false },
  { data: encode("ä€😀"), text: true },
  { data: randomBytes(125), text: false },
  { data: randomBytes(126), text: false },
  { data: randomBytes(65_535), text: false },
  { data: randomBytes(65_536), text: false },
  { data: encode("long text, ".repeat(10_000)), text: true },
  { data: randomBytes(1_000_000), text: false },
];

/** A WebSocket of another implementation, as events. */
interface Foreign {
  send(data: Uint8Array, text: boolean): void;
  close(code: number, reason: string): void;
  /** Received messages, then `close CODE REASON`. */
  readonly events: (Message | string)[];
}

/** Sends all messages at once and expects them back unchanged, then closes. */
async function converse(peer: Foreign): Promise<void> {
  for (const { data, text } of MESSAGES) peer.send(data, text!);
  await until(() => peer.events.length === MESSAGES.length, "all messages");
  assertEquals(peer.events, MESSAGES);
  peer.close(1000, "bye");
  await until(() => peer.events.length > MESSAGES.length, "the close");
  assertEquals(peer.events.at(-1), "close 1000 bye");
}

async function nodeClient(url: string, options = {}): Promise<Foreign> {
  const socket = new NodeSocket(url, options);
  const events: (Message | string)[] = [];
  socket.on("message", (data: Uint8Array, binary: boolean) => {
    events.push({ data: new Uint8Array(data), text: !binary });
  });
  socket.on("close", (code: number, reason: Uint8Array) => {
    events.push(`close ${code} ${decode(reason)}`.trim());
  });
  await soon(new Promise((resolve) => socket.on("open", resolve)), "open");
  return {
    events,
    send: (data, text) => socket.send(data, { binary: !text }),
    close: (code, reason) => socket.close(code, reason),
  };
}

async function denoClient(url: string): Promise<Foreign> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const events: (Message | string)[] = [];
  socket.onmessage = ({ data }) => {
    const text = typeof data === "string";
    events.push({ data: text ? encode(data) : new Uint8Array(data), text });
  };
  socket.onclose = ({ code, reason }) => events.push(`close ${code} ${reason}`.trim());
  await soon(new Promise((resolve) => socket.onopen = resolve), "open");
  return {
    events,
    send: (data, text) => socket.send(text ? decode(data) : data.slice()),
    close: (code, reason) => socket.close(code, reason),
  };
}

Deno.test("the ws package is a client of ours", async () => {
  await using echo = await wsEcho("ws://127.0.0.1:0/x");
  await converse(await nodeClient(echo.addresses[0]!));
});

Deno.test("the ws package is a client of ours, without compression", async () => {
  await using echo = await wsEcho("ws://127.0.0.1:0/x");
  await converse(await nodeClient(echo.addresses[0]!, { perMessageDeflate: false }));
});

Deno.test("Deno's WebSocket is a client of ours", async () => {
  await using echo = await wsEcho("ws://127.0.0.1:0/x");
  await converse(await denoClient(echo.addresses[0]!));
});

/** Sends all messages to an echo and expects them back, then closes. */
async function exchangeWith(channel: Channel): Promise<void> {
  const sending = (async () => {
    for (const message of MESSAGES) await channel.send(message);
  })();
  for (const message of MESSAGES) assertEquals(await soon(channel.receive(), "echo"), message);
  await sending;
  channel.close();
  await soon(channel.closed, "closed");
}

interface NodeServer extends AsyncDisposable {
  url: string;
  pings: () => number;
  closes: string[];
}

/** An echo by the `ws` package. */
async function nodeServer(options = {}): Promise<NodeServer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  const closes: string[] = [];
  let pings = 0;
  server.on("connection", (socket: NodeSocket) => {
    socket.on("message", (data: Uint8Array, binary: boolean) => socket.send(data, { binary }));
    socket.on("ping", () => pings++);
    socket.on("close", (code: number, reason: Uint8Array) => {
      closes.push(`${code} ${decode(reason)}`.trim());
    });
  });
  await soon(new Promise((resolve) => server.on("listening", resolve)), "listening");
  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    pings: () => pings,
    closes,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

for (const perMessageDeflate of [false, true]) {
  const how = perMessageDeflate ? "with" : "without";
  Deno.test(`the ws package is a server to ours, ${how} compression`, async () => {
    await using server = await nodeServer({ perMessageDeflate });
    await exchangeWith(await connectWs(server.url));
    await until(() => server.closes.length === 1, "the server to see the Close");
    assertEquals(server.closes, ["1000"]);
  });
}

Deno.test("the ws package answers our pings, and sees our Close", async () => {
  await using server = await nodeServer();
  const channel = await connectWs(server.url, {
    ws: { ping: 10, pingTimeout: 2000, close: { code: 4001, reason: "done" } },
  });
  const receiving = channel.receive();
  await until(() => server.pings() >= 3, "pings");
  channel.close();
  assertEquals(await receiving, null);
  await soon(channel.closed, "closed");
  await until(() => server.closes.length === 1, "the server to see the Close");
  assertEquals(server.closes, ["4001 done"]);
});

Deno.test("the ws package chooses one of our subprotocols, and sees our headers", async () => {
  let seen: Record<string, string> = {};
  await using server = await nodeServer({
    handleProtocols: (offered: Set<string>) => [...offered].at(-1),
    verifyClient: ({ req }: { req: { headers: Record<string, string> } }) => {
      seen = req.headers;
      return true;
    },
  });
  const ws = {
    protocols: ["a", "b"],
    headers: [["X-Test", "yes"]] as const,
    origin: "https://a.example",
  };
  const channel = await connectWs(server.url, { ws });
  assertEquals(channel.request?.protocol, "b");
  assertEquals([seen["x-test"], seen["origin"]], ["yes", "https://a.example"]);
  await exchangeWith(channel);
});

Deno.test("Deno's server is a server to ours", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  await exchangeWith(await connectWs(`ws://127.0.0.1:${server.addr.port}/`));
  await server.shutdown();
});

const websockify = {
  name: "websockify",
  available: available("websockify", ["--help"], /websockify/i),
};

testWith(websockify, "websockify brings our WebSocket to TCP, and back", async () => {
  await using tcp = await service("127.0.0.1:0", async (connection) => {
    await carry([connection, connection]);
    connection.close();
  });
  const target = tcp.addresses[0]!.replace("tcp://", "");
  const port = unused();
  await using proxy = Coax.spawn(["websockify", `127.0.0.1:${port}`, target]);
  const channel = await reach(`ws://127.0.0.1:${port}`);
  const data = randomBytes(500_000);
  const sending = channel.send({ data });
  const echoed = new Uint8Array(data.length);
  for (let at = 0; at < echoed.length;) {
    const message = (await soon(channel.receive(), "the echo"))!;
    echoed.set(message.data, at);
    at += message.data.length;
  }
  await sending;
  assertEquals(echoed, data);
  channel.close();
  await soon(channel.closed.catch(() => {}), "closed"); // It may close without a Close.
  assert(proxy.running);
});

function unused(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Connects until it succeeds, since the program doesn't print when it is ready. */
async function reach(address: string): Promise<Channel> {
  let channel: Channel | undefined;
  await until(async () => {
    channel = await connectWs(address).catch(() => undefined);
    return channel !== undefined;
  }, `${address} to answer`);
  return channel!;
}

const WSCAT = [Deno.execPath(), "run", "-A", "--no-lock", "-q", "npm:wscat@6.1.0"];
const wscat = {
  name: "wscat",
  available: available(WSCAT[0]!, [...WSCAT.slice(1), "--version"], /^6\.1\.0/),
};

testWith(wscat, "wscat gets its line back from coax echo", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0/x"]);
  const url = await echo.address();
  await using client = Coax.spawn([...WSCAT, "-c", url, "-x", "hello from wscat", "-w", "1"], {
    stdin: PIPE,
  });
  const { status, out } = await client.exit();
  assertEquals([status, out.trim()], [0, "hello from wscat"]);
});

testWith(wscat, "wscat listens, and receives what is relayed to it", async () => {
  const port = unused();
  await using server = Coax.spawn([...WSCAT, "-l", `${port}`], { stdin: PIPE });
  const first = await reach(`ws://127.0.0.1:${port}`);
  first.close();
  await soon(first.closed.catch(() => {}), "closed");
  await using relay = Coax.start(["relay", "ws://127.0.0.1:0", `ws://127.0.0.1:${port}`]);
  const channel = await connectWs(await relay.address());
  await channel.send({ data: encode("hello wscat"), text: true });
  await server.prints(/hello wscat/);
  await server.write("hello coax\n");
  assertEquals(await soon(channel.receive(), "an answer"), {
    data: encode("hello coax"),
    text: true,
  });
  channel.close();
  await soon(channel.closed.catch(() => {}), "closed");
});

const curl = { name: "curl", available: available("curl", ["--version"], /^curl/) };

testWith(curl, "curl's request is answered with how to upgrade", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0/x"]);
  const url = (await echo.address()).replace("ws:", "http:");
  await using plain = Coax.spawn(["curl", "-si", url]);
  const { out } = await plain.exit();
  assertMatch(out, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
  assertMatch(out, /\r\n\r\nthis is a WebSocket server\n$/);
  await using other = Coax.spawn([
    "curl",
    "-s",
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    url + "y",
  ]);
  assertEquals((await other.exit()).out, "404");
});
