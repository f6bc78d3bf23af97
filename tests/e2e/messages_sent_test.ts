/** What `--send`, `--crlf` and `--max-message` make of messages, whatever `--frame` says. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UdpPeer } from "../support/udp.ts";
import { Coax, run } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";
import { wsServer } from "./ws_server.ts";

const BRIEF = ["--linger", "50ms"];
const show = ({ data, text }: { data: Uint8Array; text?: boolean }) =>
  `${text ? "text" : "binary"} ${new TextDecoder().decode(data)}`;

/** By frame: what `--send` and stdin send, as messages. */
const FRAMED: [options: string[], stdin: string, messages: string[]][] = [
  [["--frame", "len4", "--send", "go"], "", ["go"]],
  [["--frame", "len4", "--send", "go", "--send", "on"], "\0\0\0\x01x", ["go", "on", "x"]],
  [["--frame", "jsonl", "--send", "go"], '{"text":"x"}\n', ["go", "x"]],
  [["--frame", "line", "--send", "a\\nb"], "c\n", ["a\nb", "c"]],
  [["--frame", "line", "--send", "a\\n"], "", ["a"]],
  [["--frame", "nul", "--send", "a\\0b\\n"], "", ["a\0b\n"]],
  [["--frame", "raw", "--send", "a\\n"], "", ["a\n"]],
  [["--frame", "nul", "--crlf", "--send", "a\\nb"], "c\nd\0", ["a\r\nb", "c\r\nd"]],
  [["--frame", "len4", "--crlf"], "\0\0\0\x0a123\n567890", ["123\r\n567890"]],
  [["--frame", "raw", "--crlf"], "a\nb\r\n", ["a\r\nb\r\n"]],
];

for (const [options, stdin, messages] of FRAMED) {
  const title = JSON.stringify([...options, stdin]);
  Deno.test(`each --send is one message over UDP, and frames are stdin's: ${title}`, async () => {
    using peer = new UdpPeer();
    const args = ["client", `udp://127.0.0.1:${peer.port}`, ...options, ...BRIEF];
    const { status, stderr } = await run(args, { stdin });
    assertEquals(status, 0, stderr);
    for (const message of messages) assertEquals(await peer.receiveText(), message);
  });

  Deno.test(`each --send is one message over WebSocket, too: ${title}`, async () => {
    await using server = await wsServer();
    const { status, stderr } = await run(["client", server.address, ...options, ...BRIEF], {
      stdin,
    });
    assertEquals(status, 0, stderr);
    assertEquals((await server.got()).map(show), messages.map((message) => `text ${message}`));
  });
}

/** By frame: what a relay with `--crlf` makes of two messages for bytes. */
const ENDED: [options: string[], bytes: string][] = [
  [[], "a\r\nb\r\nc"],
  [["--frame", "line"], "a\r\nb\r\n\r\nc\r\n"],
  [["--frame", "nul"], "a\r\nb\r\n\0c\0"],
  [["--frame", "len4"], "\0\0\0\x06a\r\nb\r\n\0\0\0\x01c"],
];

for (const [options, expected] of ENDED) {
  Deno.test(`relay --crlf from messages to bytes: ${options.join(" ")}`, async () => {
    using target = listenHere();
    const words = ["relay", "--once", "ws://127.0.0.1:0", target.address, "--crlf", ...options];
    await using relay = Coax.start(words);
    const texts = ["--binary", "--send", "a\nb\r\n", "--send", "c"];
    const sending = run(["client", await relay.address(), ...texts]);
    using conn = await target.accept();
    assertEquals(await receiveText(conn), expected);
    await conn.closeWrite();
    assertEquals((await sending).status, 0);
  });
}

Deno.test("a server's --send is one message in any frame, too", async () => {
  const args = ["server", "udp://127.0.0.1:0", "--frame", "len4", "--send", "go", ...BRIEF];
  await using server = Coax.start(args);
  const client = await run(["client", await server.address(), "--send", "x", ...BRIEF]);
  assertEquals([client.status, client.out], [0, "go"], client.stderr);
});

/** Command lines whose `ADDRESS` nobody connects to, and the message. */
const REFUSED: [argv: string, message: string][] = [
  ["client ws://ADDRESS --send \\xff", "--send \\xff: ws://ADDRESS is a plain WebSocket; expected"],
  ["server ws://ADDRESS --send \\xff", "--send \\xff: ws://ADDRESS is a plain WebSocket; expected"],
  ["client ws://ADDRESS --send 1234567 --max-message 5", "--send: 7 bytes are more than --max"],
  ["client udp://ADDRESS --frame line --send 123456 --max-message 5", "--send: 6 bytes are more"],
  ["client udp://ADDRESS --frame line --crlf", "--crlf: udp://ADDRESS is UDP; expected bytes"],
  ["client ws://ADDRESS --crlf", "--crlf: ws://ADDRESS is a plain WebSocket; expected bytes"],
  ["server ws://ADDRESS --crlf", "--crlf: ws://ADDRESS is a plain WebSocket; expected bytes"],
  ["server udp://ADDRESS --crlf --frame line", "--crlf: udp://ADDRESS is UDP; expected bytes"],
  ["relay - ws://ADDRESS --crlf", "--crlf: - is stdin and stdout, ws://ADDRESS is a plain Web"],
  ["relay 0 udp://ADDRESS --crlf --frame line", "--crlf: 0 is plain TCP, udp://ADDRESS is UDP"],
  ["relay udp://0 ws://ADDRESS --crlf", "--crlf: udp://0 is UDP, ws://ADDRESS is a plain WebSo"],
  ["client ws://ADDRESS --encoding gbk", "--encoding gbk: ws://ADDRESS is a plain WebSocket; exp"],
  ["server ws://ADDRESS --encoding gbk", "--encoding gbk: ws://ADDRESS is a plain WebSocket; exp"],
  ["relay ws://0 ws://ADDRESS --encoding gbk", "--encoding gbk: ws://0 is a plain WebSocket, ws"],
  ["relay 0 ws://ADDRESS --encoding gbk --text", "--encoding gbk: 0 is plain TCP, ws://ADDRESS"],
  ["chat ws://ADDRESS --encoding gbk", "--encoding gbk: ws://ADDRESS is a plain WebSocket; exp"],
  ["client ADDRESS --crlf --recv-only", "--crlf: needs --send"],
];

for (const [argv, message] of REFUSED) {
  Deno.test(`what no message can be is status 2, and nothing is connected to: ${argv}`, async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const put = (text: string) => text.replaceAll("ADDRESS", `127.0.0.1:${taken.addr.port}`);
    const { status, stderr } = await run(put(argv).split(" "), { stdin: "x\n" });
    assertEquals(status, 2, stderr);
    assertStringIncludes(stderr, `coax: ${put(message)}`);
  });
}

Deno.test("--max-message holds for what a relay sends in messages of its own", async () => {
  using peer = new UdpPeer();
  const args = ["relay", "127.0.0.1:0", `udp://127.0.0.1:${peer.port}`, "--max-message", "10"];
  await using relay = Coax.start(args);
  using conn = await connectTo(await relay.address());
  await send(conn, "0123456789abcdefghijKLM");
  for (const part of ["0123456789", "abcdefghij", "KLM"]) {
    assertEquals(await peer.receiveText(), part);
  }
  await peer.send("0123456789");
  assertEquals(await receiveText(conn, 10), "0123456789");
  await peer.send("0123456789a");
  await relay.logs(/receive from .*: a message of 11 bytes is longer than 10$/m);
});

for (const options of [[], ["--text"]]) {
  Deno.test(`a relay's WebSocket gets no message over --max-message, ${options}`, async () => {
    await using server = await wsServer();
    const limit = ["--max-message", "4", ...options, ...BRIEF];
    await using relay = Coax.start(["relay", "127.0.0.1:0", server.address, ...limit]);
    using conn = await connectTo(await relay.address());
    await send(conn, "€uro, 12345678");
    await conn.closeWrite();
    const got = await server.got();
    assertEquals(got.filter(({ data }) => data.length > 4), []);
    const bytes = got.flatMap(({ data }) => [...data]);
    assertEquals(new TextDecoder().decode(Uint8Array.from(bytes)), "€uro, 12345678");
    assertEquals(got.every(({ text }) => text === (options.length > 0)), true);
  });
}

Deno.test("a line of stdin over --max-message is refused as before", async () => {
  await using server = await wsServer();
  const args = ["client", server.address, "--max-message", "5", ...BRIEF];
  const { status, stderr } = await run(args, { stdin: "1234567\n" });
  assertEquals(status, 10);
  assertMatch(stderr, /read stdin: a message is longer than 5 bytes$/m);
});

Deno.test("--encoding is that of a WebSocket's binary messages", async () => {
  await using server = await wsServer([{ data: Uint8Array.of(0xce, 0xc4), text: false }], 1);
  const args = ["client", server.address, "--binary", "--encoding", "gbk", ...BRIEF];
  const { status, out, stderr } = await run(args, { stdin: "漢" });
  assertEquals([status, out], [0, "文"], stderr);
  assertEquals((await server.got()).map(({ data }) => data.toHex()), ["9d68"]);
});
