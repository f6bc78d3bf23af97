/**
 * Replies of proxies and WebSocket servers: exactly as their RFC has them, or status 7 and no byte.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { acceptFor } from "../../src/ws/key.ts";
import { decode } from "../support/connections.ts";
import { type Service, service } from "../support/transports.ts";
import { run } from "./coax.ts";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Answers the first bytes of each connection in one piece, whatever they are, and closes. */
const answering = (reply: (asked: string) => string | Promise<string>): Promise<Service> =>
  service("127.0.0.1:0", async (connection) => {
    const buffer = new Uint8Array(4096);
    const asked = decode(buffer.subarray(0, (await connection.read(buffer))!));
    await connection.write(bytes(await reply(asked)));
    await connection.closeWrite();
    while (await connection.read(buffer) !== null);
    connection.close();
  });

const GOOD = "HTTP/1.1 200 OK\r\n\r\n";
const METHOD = "\x05\x00";
const SECRET = "PAYLOAD\n";

const broken: [name: string, scheme: string, reply: string, why: RegExp][] = [
  ["a head over 16 KiB", "http", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, /16384/],
  ["16 KiB of fields", "http", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(3000)}\r\n`, /16384/],
  ["four digits", "http", "HTTP/1.1 2000 OK\r\n\r\n", /status line/],
  ["two digits", "http", "HTTP/1.1 20 OK\r\n\r\n", /status line/],
  ["no version of HTTP/1", "http", "HTTP/2 200 OK\r\n\r\n", /status line/],
  ["a version of two digits", "http", "HTTP/1.10 200 OK\r\n\r\n", /status line/],
  ["two spaces", "http", "HTTP/1.1  200 OK\r\n\r\n", /status line/],
  ["no HTTP", "http", "SSH-2.0-x\r\n\r\n", /doesn't speak HTTP/],
  ["a line without CR", "http", "HTTP/1.1 200 OK\r\nA: b\n\r\n", /without CR/],
  ["a NUL", "http", "HTTP/1.1 200 O\0K\r\n\r\n", /control character/],
  ["a bare CR", "http", "HTTP/1.1 200 O\rK\r\n\r\n", /status line/],
  ["no field", "http", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", /header field/],
  ["a folded line", "http", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", /header field/],
  ["half a head", "http", "HTTP/1.1 200 OK\r\n", /inside an HTTP head/],
  ["an upgrade", "http", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /101 Switching/],
  ["half of what follows an interim answer", "http", "HTTP/1.1 100 Continue\r\n\r\n", /without an/],
  ["too many interim answers", "http", "HTTP/1.1 102 Wait\r\n\r\n".repeat(200) + GOOD, /interim/],
  ["a status below 100", "http", "HTTP/1.1 099 OK\r\n\r\n", /099/],
  ["an unknown address type", "socks5", `${METHOD}\x05\x00\x00\x05\x7f\0\0\x01\0\0`, /type 5/],
  ["address type 0", "socks5", `${METHOD}\x05\x00\x00\x00\x7f\0\0\x01\0\0`, /type 0/],
  ["a reply of version 4", "socks5", `${METHOD}\x04\x00\x00\x01\x7f\0\0\x01\0\0`, /version 4/],
  ["a reserved byte", "socks5", `${METHOD}\x05\x00\x01\x01\x7f\0\0\x01\0\0`, /reserved byte/],
  ["an empty name", "socks5", `${METHOD}\x05\x00\x00\x03\0\0\0`, /empty name/],
  ["a method of version 4", "socks5", `\x04\x00\x05\x00\x00\x01\x7f\0\0\x01\0\0`, /SOCKS5/],
  ["a method not offered", "socks5", `\x05\x01\x05\x00\x00\x01\x7f\0\0\x01\0\0`, /method 1/],
  ["a reply of version 4", "socks4a", "\x04\x5a\0\0\0\0\0\0", /version 4/],
  ["a refusal", "socks4a", "\0\x5b\0\0\0\0\0\0", /rejected or failed \(SOCKS4A, for a\.invalid:1/],
  ["an unknown code", "socks4a://me@", "\0\x01\0\0\0\0\0\0", /reply 1/],
  ["half an address", "socks4a", "\0\x5a\0\0\0", /unexpected end/],
  ["HTTP in it", "socks4a", "HTTP/1.1 200 OK\r\n\r\n", /version 72/],
  ["half an address", "socks5", `${METHOD}\x05\x00\x00\x04`, /unexpected end/],
  [
    "a login of version 5",
    "socks5://u:p@",
    "\x05\x02\x05\x00\x05\0\0\x01\x7f\0\0\x01\0\0",
    /login/,
  ],
];

for (const [name, scheme, reply, why] of broken) {
  Deno.test(`a ${scheme} proxy's reply with ${name} is status 7, and nothing of it is printed`, async () => {
    await using proxy = await answering(() => reply + (name.includes("half") ? "" : SECRET));
    const via = `${scheme.includes(":") ? scheme : `${scheme}://`}${proxy.addresses[0]!.slice(6)}`;
    const { status, out, stderr } = await run(["client", "a.invalid:1", "--via", via], {
      stdin: "",
    });
    assertEquals([status, out], [7, ""], stderr);
    assertMatch(stderr, why);
    assertMatch(stderr, /^coax: proxy .*\n$/);
  });
}

const right: [name: string, reply: string][] = [
  ["100 before it", `HTTP/1.1 100 Continue\r\n\r\n${GOOD}`],
  ["three interim answers before it", "HTTP/1.1 102 Wait\r\nA: b\r\n\r\n".repeat(3) + GOOD],
  [
    "a length and a coding, which mean nothing",
    GOOD.slice(0, -2) +
    "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["another success", "HTTP/1.0 299 \r\n\r\n"],
];

for (const [name, reply] of right) {
  Deno.test(`CONNECT takes a proxy's success with ${name}, and what follows is the target's`, async () => {
    await using proxy = await answering(() => reply + SECRET);
    const via = `http://${proxy.addresses[0]!.slice(6)}`;
    const exit = await run(["client", "a.invalid:1", "--via", via], { stdin: "" });
    assertEquals([exit.status, exit.out], [0, SECRET], exit.stderr);
  });
}

/** The 101 to this request. */
const upgrade = async (asked: string) =>
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  `Sec-WebSocket-Accept: ${await acceptFor(/Sec-WebSocket-Key: (.*)\r/.exec(asked)![1]!)}\r\n`;
const FRAMES = "\x81\x02hi\x88\x02\x03\xe8";

const handshakes: [name: string, change: (right: string) => string, status: number][] = [
  ["nothing before it", (right) => right, 0],
  ["103 before it", (right) => `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${right}`, 0],
  ["100 and 102 before it", (right) => `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 102 P\r\n\r\n${right}`, 0],
  ["four digits", (right) => right.replace(" 101", " 1010"), 7],
  ["another version", (right) => right.replace("1.1", "2.0"), 7],
  ["no HTTP", (right) => right.replace("HTTP", "ICAP"), 7],
  ["a line without CR", (right) => right.replace("\r\nUp", "\nUp"), 7],
  ["a head over 16 KiB", (right) => `${right}X: ${"x".repeat(17_000)}\r\n`, 7],
  ["a wrong proof", (right) => right.replace("Accept: ", "Accept: a"), 7],
  ["too many interim answers", (right) => "HTTP/1.1 103 Hint\r\n\r\n".repeat(200) + right, 7],
];

for (const [name, change, expected] of handshakes) {
  Deno.test(`a WebSocket server's 101 with ${name} ends with ${expected}`, async () => {
    const reply = async (asked: string) => change(await upgrade(asked)) + `\r\n${FRAMES}`;
    await using server = await answering(reply);
    const url = `ws://${server.addresses[0]!.slice(6)}`;
    const { status, out, stderr } = await run(["client", url], { stdin: "" });
    assertEquals([status, out], [expected, expected === 0 ? "hi\n" : ""], stderr);
  });
}
