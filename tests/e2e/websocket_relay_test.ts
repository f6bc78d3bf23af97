/** A relay between WebSockets: what its client asks for is asked of TO, whose answer it gets. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { acceptFor } from "../../src/ws/key.ts";
import { decode, encode } from "../support/connections.ts";
import { type Service, service } from "../support/transports.ts";
import { Coax, run, type StartOptions } from "./coax.ts";
import { connectTo, receiveText, send, unusedPort } from "./peers.ts";

const FRAMES = Uint8Array.of(0x81, 2, 0x68, 0x69, 0x88, 2, 3, 0xe8);

interface Target extends Service {
  /** `127.0.0.1:PORT` */
  readonly at: string;
  readonly heads: string[];
}

/** A WebSocket server that says "hi"; `answer` is its subprotocol, or the answer to all. */
async function target(answer: { protocol?: string; instead?: string } = {}): Promise<Target> {
  const heads: string[] = [];
  const server = await service("127.0.0.1:0", async (connection) => {
    const buffer = new Uint8Array(4096);
    const head = decode(buffer.subarray(0, (await connection.read(buffer))!));
    heads.push(head);
    if (answer.instead) await connection.write(encode(answer.instead));
    else {
      const proof = await acceptFor(/Sec-WebSocket-Key: (.*)\r/.exec(head)![1]!);
      const protocol = answer.protocol ? `Sec-WebSocket-Protocol: ${answer.protocol}\r\n` : "";
      await connection.write(encode(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${proof}\r\n${protocol}\r\n`,
      ));
      await connection.write(FRAMES);
    }
    await connection.closeWrite();
    while (await connection.read(buffer) !== null);
    connection.close();
  });
  return Object.assign(server, { heads, at: server.addresses[0]!.replace("tcp://", "") });
}

const relayTo = (to: string, args: readonly string[] = [], options?: StartOptions) =>
  Coax.start(["relay", "ws://127.0.0.1:0", to, ...args], options);
const fieldOf = (head: string, name: string) => RegExp(`^${name}: (.*)\r$`, "im").exec(head)?.[1];

/** The whole answer to a handshake by hand. */
async function answerTo(url: string, path: string, ...fields: string[]): Promise<string> {
  const host = url.replace("ws://", "").replace(/\/.*/, "");
  using conn = await connectTo(`tcp://${host}`);
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ...fields,
  ];
  await send(conn, head.join("\r\n") + "\r\n\r\n");
  return await receiveText(conn);
}

for (
  const [toPath, asked, got] of [
    ["", "/a/b?x=1", "/a/b?x=1"],
    ["", "", "/"],
    ["", "?x=1", "/?x=1"],
    ["/own", "/a?x=1", "/own"],
    ["/own?y=2", "/a?x=1", "/own?y=2"],
    ["/", "/a", "/"],
  ]
) {
  Deno.test(`TO "${toPath}" is asked for "${got}" when a client asks for "${asked}"`, async () => {
    await using server = await target();
    await using relay = relayTo(`ws://${server.at}${toPath}`);
    const url = await relay.address() + asked;
    const { status, out, stderr } = await run(["client", url], { stdin: "" });
    assertEquals([status, out], [0, "hi\n"], stderr);
    assertMatch(server.heads[0]!, RegExp(`^GET ${got!.replace("?", "\\?")} HTTP`));
  });
}

for (
  const [offered, chosen] of [[["v1", "v2"], "v2"], [["v1"], "v1"], [["v1"], undefined]] as const
) {
  Deno.test(`TO chooses ${chosen} of the subprotocols ${offered}, and so does the relay`, async () => {
    await using server = await target({ protocol: chosen });
    await using relay = relayTo(`ws://${server.at}`);
    const field = `Sec-WebSocket-Protocol: ${offered.join(", ")}`;
    const answer = await answerTo(await relay.address(), "/", field);
    assertMatch(answer, /^HTTP\/1\.1 101 /);
    assertEquals(fieldOf(answer, "Sec-WebSocket-Protocol"), chosen);
    assertEquals(fieldOf(server.heads[0]!, "Sec-WebSocket-Protocol"), offered.join(", "));
    assertStringIncludes(answer, "\x02hi");
  });
}

Deno.test("a subprotocol that TO wasn't offered is TO's fault: 502", async () => {
  await using server = await target({ protocol: "v3" });
  await using relay = relayTo(`ws://${server.at}`);
  const answer = await answerTo(await relay.address(), "/", "Sec-WebSocket-Protocol: v1");
  assertMatch(answer, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
});

Deno.test("--protocol is spoken on both sides, whatever else a client offers", async () => {
  await using server = await target({ protocol: "v1" });
  await using relay = relayTo(`ws://${server.at}`, ["--protocol", "v1"]);
  const answer = await answerTo(await relay.address(), "/", "Sec-WebSocket-Protocol: v0, v1");
  assertEquals(fieldOf(answer, "Sec-WebSocket-Protocol"), "v1");
  assertEquals(fieldOf(server.heads[0]!, "Sec-WebSocket-Protocol"), "v1");
});

for (
  const [said, status] of [
    ["HTTP/1.1 404 Nope\r\nContent-Length: 0\r\n\r\n", "404 Not Found"],
    ["HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503 Service Unavailable"],
    ["HTTP/1.1 407 Log in\r\nContent-Length: 0\r\n\r\n", "502 Bad Gateway"],
    ["HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "502 Bad Gateway"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "502 Bad Gateway"],
    ["SSH-2.0-x\r\n", "502 Bad Gateway"],
  ] as const
) {
  Deno.test(`where TO says ${said.split("\r\n", 1)[0]}, the client is answered ${status}`, async () => {
    await using server = await target({ instead: said });
    await using relay = relayTo(`ws://${server.at}`);
    const answer = await answerTo(await relay.address(), "/");
    assert(answer.startsWith(`HTTP/1.1 ${status}\r\n`), answer);
    assert(!answer.includes(server.at), answer);
    await relay.logs(/coax: \[1\] handshake ws:/);
  });
}

Deno.test("TO's 401 keeps its challenge", async () => {
  const instead = '401 No\r\nWWW-Authenticate: Basic realm="häx"\r\nContent-Length: 0\r\n\r\n';
  await using server = await target({ instead: `HTTP/1.1 ${instead}` });
  await using relay = relayTo(`ws://${server.at}`);
  const answer = await answerTo(await relay.address(), "/");
  assertMatch(answer, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  assertEquals(fieldOf(answer, "WWW-Authenticate"), 'Basic realm="häx"');
});

Deno.test("a TO that refuses connections is 502, one that is silent 504, and the next is tried", async () => {
  const gone = `ws://127.0.0.1:${unusedPort()}`;
  await using refused = relayTo(gone);
  assertMatch(await answerTo(await refused.address(), "/"), /^HTTP\/1\.1 502 /);
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = `ws://127.0.0.1:${silent.addr.port}`;
  await using late = relayTo(at, ["--connect-timeout", "300ms"]);
  assertMatch(await answerTo(await late.address(), "/"), /^HTTP\/1\.1 504 /);
  await using server = await target();
  await using both = relayTo(gone, [`ws://${server.at}`]);
  assertMatch(await answerTo(await both.address(), "/x"), /^HTTP\/1\.1 101 /);
  assertMatch(server.heads[0]!, /^GET \/x /);
});

for (
  const [status, own, args, tried] of [
    ["404 Nope", "", [], [1, 0]],
    ["401 Who", "/own", ["--pass-headers"], [1, 0]],
    ["404 Nope", "/own", [], [1, 1]],
    ["429 Busy", "", [], [1, 1]],
    ["503 Busy", "", [], [1, 1]],
  ] as const
) {
  const how = `TO${own} ${args.join(" ")}`.trim();
  const what = tried[1] === 0 ? "is the client's answer, and TO stays up" : "sends it to the next";
  Deno.test(`a ${status} of ${how} ${what}`, async () => {
    const instead = `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;
    await using first = await target({ instead });
    await using second = await target();
    await using relay = relayTo(`ws://${first.at}${own}`, [
      `ws://${second.at}`,
      ...["--balance", "failover", ...args],
    ]);
    const answer = await answerTo(await relay.address(), "/x");
    assertMatch(answer, tried[1] === 0 ? RegExp(`^HTTP/1.1 ${status.slice(0, 3)} `) : / 101 /);
    assertEquals([first.heads.length, second.heads.length], [...tried]);
    assertEquals(relay.stderr.includes("left alone"), tried[1] === 1, relay.stderr);
  });
}

Deno.test("--pass-headers passes Cookie and Authorization, unseen by the log, and nothing else", async () => {
  await using server = await target();
  const fields = [
    "Cookie: a=geheim; b=à",
    "Authorization: Bearer geheim",
    "Proxy-Authorization: Basic Z2VoZWlt",
    "X-Other: other",
    "Keep-Alive: 5",
  ];
  await using plain = relayTo(`ws://${server.at}`);
  await answerTo(await plain.address(), "/", ...fields);
  await using passing = relayTo(`ws://${server.at}`, ["--pass-headers", "-vv"]);
  await answerTo(await passing.address(), "/", ...fields);
  await passing.logs(/close 127/);
  const [without, passed] = server.heads;
  for (const name of ["Cookie", "Authorization", "Proxy-Authorization", "X-Other", "Keep-Alive"]) {
    assertEquals(fieldOf(without!, name), undefined);
  }
  assertEquals(fieldOf(passed!, "Cookie"), "a=geheim; b=à");
  assertEquals(fieldOf(passed!, "Authorization"), "Bearer geheim");
  for (const name of ["Proxy-Authorization", "X-Other", "Keep-Alive"]) {
    assertEquals(fieldOf(passed!, name), undefined);
  }
  assert(!passing.stderr.includes("geheim"), passing.stderr);
});

Deno.test("what the command line says for TO counts more than a client's fields", async () => {
  await using server = await target();
  const own = ["--pass-headers", "-H", "Cookie: own=1"];
  await using relay = relayTo(`ws://me:secret@${server.at}`, own);
  await answerTo(await relay.address(), "/", "Cookie: a=1", "Authorization: Bearer x");
  assertEquals(fieldOf(server.heads[0]!, "Cookie"), "own=1");
  assertEquals(fieldOf(server.heads[0]!, "Authorization"), "Basic bWU6c2VjcmV0");
});

Deno.test("another origin, where a redirect leads, gets no client's credentials", async () => {
  await using other = await target();
  const instead = `HTTP/1.1 302 Found\r\nLocation: http://${other.at}/there\r\n\r\n`;
  await using server = await target({ instead });
  await using relay = relayTo(`ws://${server.at}`, ["--pass-headers", "--follow", "1"]);
  const answer = await answerTo(await relay.address(), "/", "Cookie: a=1", "Authorization: x");
  assertMatch(answer, /^HTTP\/1\.1 101 /);
  assertEquals(fieldOf(server.heads[0]!, "Cookie"), "a=1");
  assertEquals(fieldOf(other.heads[0]!, "Cookie"), undefined);
  assertEquals(fieldOf(other.heads[0]!, "Authorization"), undefined);
});

Deno.test("--pass-headers needs a WebSocket on both sides", async () => {
  for (const [from, to] of [["ws://0", "9"], ["0", "ws://9"]]) {
    const { status, stderr } = await run(["relay", from!, to!, "--pass-headers"]);
    assertEquals(status, 2);
    assertMatch(stderr, /^coax: --pass-headers: /);
  }
});
