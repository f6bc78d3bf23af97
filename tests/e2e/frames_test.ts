/** Frames, message types, closes and encodings, as the command line asks for them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { Channel, Message } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { decode, encode, readAll } from "../support/connections.ts";
import { bind, connect, service } from "../support/transports.ts";
import { UdpPeer } from "../support/udp.ts";
import { soon } from "../support/wait.ts";
import { connectWs } from "../support/websocket.ts";
import { Coax, PIPE, run } from "./coax.ts";
import { connectTo, listenHere, receive, send } from "./peers.ts";
import { wsServer } from "./ws_server.ts";

/** WebSocket has no half-close: after our EOF, this much silence closes the connection. */
const BRIEF = ["--linger", "100ms"];

const show = ({ data, text }: Message) => `${text ? "text" : "binary"} ${decode(data)}`;

/** Two messages as a stream, the second an empty one. */
const framed: [frame: string, stream: Uint8Array][] = [
  ["line", encode("ab\n\n")],
  ["nul", encode("ab\0\0")],
  ["len4", concat([Uint8Array.of(0, 0, 0, 2), encode("ab"), Uint8Array.of(0, 0, 0, 0)])],
  ["jsonl", encode('{"text":"ab"}\n{"text":""}\n')],
];

for (const [frame, stream] of framed) {
  Deno.test(`relay --frame ${frame} makes messages of a stream, and a stream of messages`, async () => {
    const messages = [{ data: encode("ab"), text: true }, { data: encode(""), text: true }];
    await using server = await wsServer(messages, messages.length);
    await using relay = Coax.start([
      "relay",
      "0",
      server.address,
      "--frame",
      frame,
      "--text",
      ...BRIEF,
    ]);
    using conn = await connectTo(await relay.address());
    await send(conn, stream.subarray(0, 1));
    await send(conn, stream.subarray(1));
    assertEquals(await receive(conn, stream.length), stream);
    await conn.closeWrite();
    assertEquals((await server.got()).map(show), ["text ab", "text "]);
  });

  Deno.test(`relay --frame ${frame} does the same from a WebSocket to a stream`, async () => {
    const got = Promise.withResolvers<Uint8Array>();
    await using target = await service("0", async (connection) => {
      await connection.write(stream);
      await connection.closeWrite();
      got.resolve(await readAll(connection));
      connection.close();
    });
    await using relay = Coax.start(
      ["relay", "ws://127.0.0.1:0", target.addresses[0]!, "--frame", frame],
    );
    const channel = await connectWs(await relay.address());
    const first = await soon(channel.receive(), "the first message");
    assertEquals(decode(first!.data), "ab");
    assertEquals((await soon(channel.receive(), "the empty one"))!.data.length, 0);
    await channel.send({ data: encode("ab"), text: true });
    await channel.send({ data: new Uint8Array(), text: true });
    channel.close();
    await soon(channel.closed, "closed");
    assertEquals(await soon(got.promise, "the stream"), stream);
  });
}

Deno.test("relay --frame raw: pieces become messages, and no byte is lost", async () => {
  await using server = await wsServer([{ data: encode("answer"), text: false }], 1);
  await using relay = Coax.start(["relay", "0", server.address, "--frame", "raw", ...BRIEF]);
  using conn = await connectTo(await relay.address());
  await send(conn, Uint8Array.of(0xff, 0x0a, 0));
  assertEquals(await receive(conn, 6), encode("answer"));
  await conn.closeWrite();
  assertEquals(await server.got(), [{ data: Uint8Array.of(0xff, 0x0a, 0), text: false }]);
});

Deno.test("relay --text joins a character that two reads share", async () => {
  await using server = await wsServer([{ data: encode("ok"), text: true }], 1);
  await using relay = Coax.start(["relay", "0", server.address, "--text", ...BRIEF]);
  using conn = await connectTo(await relay.address());
  const bytes = encode("a😀b");
  await send(conn, bytes.subarray(0, 3));
  await receive(conn, 2); // The answer to the first piece, so that the rest is another read.
  await send(conn, bytes.subarray(3));
  await conn.closeWrite();
  assertEquals((await server.got()).map(show), ["text a", "text 😀b"]);
});

Deno.test("what is no UTF-8 ends a text relay with an error that names --binary", async () => {
  await using server = await wsServer();
  await using relay = Coax.start(["relay", "--once", "0", server.address, "--text"]);
  using conn = await connectTo(await relay.address());
  await send(conn, Uint8Array.of(0x61, 0xff));
  const { status, stderr } = await relay.exit();
  assertEquals(status, 1);
  assertMatch(stderr, /^coax: .*receive from .*: not UTF-8 text; use --binary/m);
});

Deno.test("a client of a WebSocket: one line is one message, an empty line an empty one", async () => {
  await using server = await wsServer(
    [{ data: encode("three"), text: true }, { data: encode(""), text: true }],
    3,
  );
  const client = await run(["client", server.address], { stdin: "one\n\ntwo" });
  assertEquals([client.status, client.out], [0, "three\n\n"], client.stderr);
  assertEquals((await server.got()).map(show), ["text one", "text ", "text two"]);
});

Deno.test("a server of WebSockets: one line is one message there too", async () => {
  await using server = Coax.start(["server", "ws://127.0.0.1:0"], { stdin: PIPE });
  const channel = await connectWs(await server.address());
  await channel.send({ data: encode("ä"), text: true });
  await channel.send({ data: encode(""), text: true });
  await server.prints(/^ä\n\n$/);
  await server.write("x\n\n");
  assertEquals(show((await soon(channel.receive(), "a message"))!), "text x");
  assertEquals(show((await soon(channel.receive(), "an empty one"))!), "text ");
  channel.close();
  await soon(channel.closed, "closed");
  await server.end();
  assertEquals((await server.exit()).status, 0);
});

/** By options: the messages that `--send` and stdin send on a WebSocket. */
const sends: [options: string[], stdin: string, messages: string[]][] = [
  [["--send", "a", "--send", "b"], "", ["text a", "text b"]],
  [["--send", "a"], "c\n", ["text a", "text c"]],
  [["--send", "x\\ny"], "", ["text x\ny"]],
  [["--send", "x\\n", "--send", "\\n"], "c", ["text x", "text ", "text c"]],
  [["--send", "x\\0y\\0", "--frame", "nul"], "c\0", ["text x\0y", "text c"]],
  [["--send", "x\\ny\\n", "--send", "z", "--binary"], "", ["binary x\ny\n", "binary z"]],
  [["--send", "", "--send", "a", "--frame", "raw"], "c", ["text ", "text a", "text c"]],
  [["--send", "ab", "--frame", "len4"], "\0\0\0\x01c", ["text ab", "text c"]],
  [["--send", "ab", "--frame", "jsonl"], '{"text":"c"}\n', ["text ab", "text c"]],
];

for (const [options, stdin, messages] of sends) {
  Deno.test(`each --send is its own message: ${JSON.stringify([...options, stdin])}`, async () => {
    await using server = await wsServer();
    const client = await run(["client", server.address, ...options, ...BRIEF], { stdin });
    assertEquals(client.status, 0, client.stderr);
    assertEquals((await server.got()).map(show), messages);
  });
}

Deno.test("a server's --send is its own message for each client, too", async () => {
  const args = ["server", "-k", "--send", "a", "--send", "b", "ws://127.0.0.1:0"];
  await using server = Coax.start(args, { stdin: PIPE });
  for (let client = 0; client < 2; client++) {
    const channel = await connectWs(await server.address());
    for (const text of ["a", "b"]) {
      assertEquals(show((await soon(channel.receive(), "a message"))!), `text ${text}`);
    }
    channel.close();
  }
});

Deno.test("each --send is its own datagram, an empty one too", async () => {
  using peer = new UdpPeer();
  const sent = ["--send", "a", "--send", "", "--send", "b\\n"];
  await using _client = Coax.start(["client", `udp://127.0.0.1:${peer.port}`, ...sent], {
    stdin: "c\n",
  });
  for (const text of ["a", "", "b\n", "c\n"]) assertEquals(await peer.receiveText(), text);
});

Deno.test("client --binary sends what it reads, whatever it is", async () => {
  await using server = await wsServer([{ data: Uint8Array.of(0xfe, 0), text: false }], 1);
  const input = Uint8Array.of(0xff, 0x0a, 0x0a);
  const client = await run(["client", server.address, "--binary", ...BRIEF], { stdin: input });
  assertEquals([client.status, client.stdout], [0, Uint8Array.of(0xfe, 0)], client.stderr);
  assertEquals(await server.got(), [{ data: input, text: false }]);
});

Deno.test("relay - ws:// pipes lines through a WebSocket", async () => {
  await using server = await wsServer([{ data: encode("answer"), text: true }], 2);
  const relay = await run(["relay", "-", server.address, ...BRIEF], { stdin: "one\ntwo\n" });
  assertEquals([relay.status, relay.out], [0, "answer\n"], relay.stderr);
  assertEquals((await server.got()).map(show), ["text one", "text two"]);
});

Deno.test("a piped client loses neither 2,000 lines nor the replies to them", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
  const input = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join("");
  const client = await run(["client", await echo.address()], { stdin: input });
  assertEquals(client.status, 0, client.stderr);
  assertEquals(client.out, input);
});

Deno.test("a piped client of UDP sends all of its lines and prints a late reply", async () => {
  using peer = new UdpPeer();
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  await using client = Coax.start(
    ["client", `udp://127.0.0.1:${peer.port}`, "--frame", "line", "--linger", "3s"],
    { stdin: lines.join("\n") + "\n" },
  );
  for (const line of lines) assertEquals(await peer.receiveText(), line);
  await peer.send("late");
  await client.prints(/^late\n$/);
});

/** A server that ends every WebSocket with this code. */
const closing = (close: { code: number; reason: string }) =>
  service(
    "ws://127.0.0.1:0",
    async (connection) => {
      const channel = connection as unknown as Channel;
      await channel.receive();
      channel.close();
      await channel.closed;
    },
    undefined,
    { ws: { close } },
  );

Deno.test("status 8 when the peer closes with another code, which is logged with its reason", async () => {
  await using server = await closing({ code: 4001, reason: "go away" });
  const client = await run(["client", server.addresses[0]!], { stdin: "x\n" });
  assertEquals(client.status, 8);
  assertMatch(client.stderr, /^coax: receive from .*: closed with 4001: go away$/m);
});

Deno.test("server --close CODE:REASON is logged by its client, and decides its status", async () => {
  const args = ["server", "--close", "4002:done", "--linger", "50ms", "ws://127.0.0.1:0"];
  await using server = Coax.start(args, { stdin: "bye\n" });
  const client = await run(["client", await server.address()], { stdin: PIPE });
  assertEquals([client.status, client.out], [8, "bye\n"]);
  assertStringIncludes(client.stderr, "closed with 4002: done");
});

Deno.test("status 7 when the server answers the upgrade with something else", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0/here"]);
  const address = (await echo.address()).replace("/here", "/there");
  const client = await run(["client", address], { stdin: "x\n" });
  assertEquals([client.status, client.out], [7, ""]);
  assertMatch(client.stderr, /^coax: handshake ws:.*\/there: HTTP\/1\.1 404 .+$/m);
});

Deno.test("status 5 when a client's ping isn't answered", async () => {
  const [listener] = await bind("127.0.0.1:0");
  const address = listener!.addresses[0]!.replace("tcp:", "ws:");
  await using client = Coax.start(
    ["client", address, "--ping", "50ms", "--ping-timeout", "100ms"],
    { stdin: PIPE },
  );
  const stream = await (await listener!.accept())!.open(new AbortController().signal, silent);
  assert(stream.framing === "stream");
  const { acceptWebSocket } = await import("../../src/ws/server.ts");
  const channel = await acceptWebSocket(stream, { loopback: true }, {}, silent);
  const { status, stderr } = await client.exit(); // Nobody receives, so that no pong is sent.
  assertEquals(status, 5, stderr);
  assertMatch(stderr, /no pong for 0\.1 s/);
  channel.closed.catch(() => {});
  channel.close();
  stream.close();
  listener!.close();
});

const encodings: [name: string, text: string, hex: string][] = [
  ["gbk", "中文，你好\n", "d6d0cec4a3acc4e3bac30a"],
  ["shift_jis", "日本語ﾃｽﾄ\n", "93fa967b8ceac3bdc40a"],
  ["big5", "繁體中文\n", "c163c5e9a4a4a4e50a"],
  ["cp949", "한글 A\n", "c7d1b1db20410a"],
  ["utf-32le", "abc漢\n", "610000006200000063000000226f00000a000000"],
  ["utf-32", "ab\n", "fffe000061000000620000000a000000"],
  ["utf-16be", "a漢\n", "00616f22000a"],
];

for (const [name, text, hex] of encodings) {
  const bytes = Uint8Array.fromHex(hex);

  Deno.test(`--encoding ${name}: the peer's bytes become UTF-8, and ours become its encoding`, async () => {
    const got = Promise.withResolvers<Uint8Array>();
    await using server = await service("0", async (connection) => {
      got.resolve(await readAll(connection));
      for (const byte of bytes) await connection.write(Uint8Array.of(byte));
      connection.close();
    });
    const args = ["client", server.addresses[0]!, "--encoding", name];
    const client = await run(args, { stdin: text });
    assertEquals([client.status, client.out], [0, text], client.stderr);
    assertEquals((await got.promise).toHex(), hex);
  });
}

Deno.test("--encoding on a relay applies to TO", async () => {
  const got = Promise.withResolvers<Uint8Array>();
  await using target = await service("0", async (connection) => {
    got.resolve(await readAll(connection));
    await connection.write(Uint8Array.of(0xd6, 0xd0));
    connection.close();
  });
  await using relay = Coax.start(["relay", "0", target.addresses[0]!, "--encoding", "gbk"]);
  const connection = await connect(await relay.address());
  await connection.write(encode("文"));
  await connection.closeWrite();
  assertEquals(decode(await readAll(connection)), "中");
  assertEquals((await got.promise).toHex(), "cec4");
  connection.close();
});

Deno.test("--encoding-errors strict: status 10 and the offset, in either direction", async () => {
  await using server = await service("0", async (connection) => {
    await connection.write(Uint8Array.fromHex("d6d0ff41"));
    await readAll(connection).catch(() => {});
    connection.close();
  });
  const args = ["client", server.addresses[0]!, "--encoding", "gbk", "--encoding-errors", "strict"];
  const incoming = await run(args, { stdin: "" });
  assertEquals(incoming.status, 10);
  assertStringIncludes(incoming.stderr, "byte 0xff at offset 2 is not gbk");

  await using notReading = await service("0", async (connection) => {
    await readAll(connection).catch(() => {});
    connection.close();
  });
  const outgoing = await run(["client", notReading.addresses[0]!, ...args.slice(2)], {
    stdin: "a\u{1F600}",
  });
  assertEquals(outgoing.status, 10);
  assertStringIncludes(outgoing.stderr, "gbk has no U+1F600, at byte offset 1");
});

Deno.test("an unfinished message is reported when the connection is over", async () => {
  const args = ["relay", "--frame", "line", "--idle-timeout", "200ms", "0", "udp://127.0.0.1:9"];
  await using relay = Coax.start(args);
  using conn = await connectTo(await relay.address());
  await send(conn, "part");
  await relay.logs(/127\.0\.0\.1:\d+: dropped 4 bytes of a message that didn't come to its end/);
});

/** // Each piece is sent once all before it is on stdout, so that each is read by itself. */
const pieces: [name: string, pieces: [hex: string, shown: string][]][] = [
  ["utf-32", [["61000000", "a"], ["62000000", "ab"], ["0a000000", "ab\n"]]],
  ["ucs4", [["0000feff00", ""], ["000061", "a"], ["0000000a", "a\n"]]],
  ["utf-16", [["feff00", ""], ["61", "a"], ["000a", "a\n"]]],
  ["cp949", [["41f0", "A"], ["54", "A\ufffdT"], ["420a", "A\ufffdTB\n"]]],
  ["cp932", [["4185", "A"], ["540a", "A\ufffdT\n"], ["b1", "A\ufffdT\nｱ"]]],
];

for (const [name, exchanges] of pieces) {
  Deno.test(`--encoding ${name} in pieces: nothing is lost, doubled or kept waiting`, async () => {
    using listener = listenHere();
    await using client = Coax.start(["client", listener.address, "--encoding", name], {
      stdin: PIPE,
    });
    using conn = await listener.accept();
    for (const [hex, shown] of exchanges) {
      await send(conn, Uint8Array.fromHex(hex));
      await client.prints(new RegExp(`^${shown}$`));
    }
    conn.closeWrite();
    await client.end();
    assertEquals((await client.exit()).out, exchanges.at(-1)![1]);
  });
}
