/** `ws://user:password@host` and `--follow`: who gets the login, and where redirects may lead. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { acceptFor } from "../../src/ws/key.ts";
import { decode, encode } from "../support/connections.ts";
import { authority } from "../support/certificates.ts";
import { type Service, service } from "../support/transports.ts";
import { Coax, run, temporary } from "./coax.ts";

const FRAMES = Uint8Array.of(0x81, 2, 0x68, 0x69, 0x88, 2, 3, 0xe8);

interface Site extends Service {
  /** `127.0.0.1:PORT` */
  readonly at: string;
  /** The heads of all requests. */
  readonly heads: string[];
}

/** A WebSocket server that says "hi" at each path that `redirects` doesn't send elsewhere. */
async function site(
  redirects: Record<string, string> = {},
  listen = "127.0.0.1:0",
): Promise<Site> {
  const heads: string[] = [];
  const server = await service(listen, async (connection) => {
    const buffer = new Uint8Array(4096);
    const head = decode(buffer.subarray(0, (await connection.read(buffer))!));
    heads.push(head);
    const [, path] = /^GET (\S+) HTTP\/1\.1\r\n/.exec(head)!;
    const answer = redirects[path!];
    if (answer) await connection.write(encode(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\n\r\n`));
    else {
      const proof = await acceptFor(/Sec-WebSocket-Key: (.*)\r/.exec(head)![1]!);
      await connection.write(encode(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${proof}\r\n\r\n`,
      ));
      await connection.write(FRAMES);
    }
    await connection.closeWrite();
    while (await connection.read(buffer) !== null);
    connection.close();
  });
  return Object.assign(server, { heads, at: server.addresses[0]!.replace("tcp://", "") });
}

const client = (...args: string[]) => run(["client", ...args], { stdin: "" });
const fieldOf = (head: string, name: string) => RegExp(`^${name}: (.*)\r$`, "im").exec(head)?.[1];

for (
  const [login, sent] of [
    ["me:secret", "me:secret"],
    ["me:se%3Acr%40et%2F", "me:se:cr@et/"],
    ["me:se@cret", "me:se@cret"],
    ["me:", "me:"],
    ["me", "me:"],
    [":secret", ":secret"],
    ["p%C3%A4:%E6%BC%A2", "pä:漢"],
    ["", undefined],
  ] as const
) {
  Deno.test(`ws://${login}@host sends ${sent ?? "no login"}, and shows none of it`, async () => {
    await using server = await site();
    const { status, out, stderr } = await client("-vv", `ws://${login}@${server.at}/x`);
    assertEquals([status, out], [0, "hi\n"], stderr);
    const field = sent && `Basic ${encode(sent).toBase64()}`;
    assertEquals(fieldOf(server.heads[0]!, "Authorization"), field);
    assertEquals(fieldOf(server.heads[0]!, "Host"), server.at);
    assert(!/secret|cr%40et|se:cr|bWU6|OnN|%E6/.test(stderr), stderr);
  });
}

Deno.test("-H 'Authorization: …' counts more than the address's login", async () => {
  await using server = await site();
  await client("-H", "Authorization: Bearer x", `ws://me:secret@${server.at}`);
  assertEquals(fieldOf(server.heads[0]!, "Authorization"), "Bearer x");
});

for (const bad of ["a%3Ab:secret", "me:secret%0a", "me:secret%zz", "%00:secret"]) {
  Deno.test(`a login that Basic can't carry is a usage error: ${bad}`, async () => {
    const { status, stderr } = await client(`ws://${bad}@127.0.0.1:9/`);
    assertEquals(status, 2);
    assertMatch(stderr, /^coax: "ws:\/\/\*\*\*@127\.0\.0\.1:9\/": expected a user without colons/);
    assert(!stderr.includes("secret"), stderr);
  });
}

Deno.test("nothing can be listened on with a login", async () => {
  for (const args of [["echo"], ["server"], ["chat"], ["relay", "9"]]) {
    const operands = args[0] === "relay"
      ? ["ws://me:secret@127.0.0.1:0", "9"]
      : ["ws://me:secret@0"];
    const { status, stderr } = await run([args[0]!, ...operands]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /a user and password are for connecting/);
    assert(!stderr.includes("secret"), stderr);
  }
});

Deno.test("a wrong login is status 7, and isn't shown", async () => {
  await using server = await site({ "/": '401 No\r\nWWW-Authenticate: Basic realm="x"' });
  const { status, out, stderr } = await client(`ws://me:secret@${server.at}`);
  assertEquals([status, out], [7, ""]);
  assertEquals(stderr, `coax: handshake ws://***@${server.at}: HTTP/1.1 401 No\n`);
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`--follow follows ${status}; without it the message names the Location`, async () => {
    for (
      const location of [
        "/there?x=1",
        "there?x=1",
        "//HOST/there?x=1",
        "http://HOST/there?x=1",
        "ws://HOST/there?x=1#part",
      ]
    ) {
      const redirects: Record<string, string> = {};
      await using server = await site(redirects);
      const placed = location.replace("HOST", server.at);
      redirects["/here"] = `${status} Moved\r\nLocation: ${placed}`;
      const followed = await client("--follow", "1", `ws://me:pw@${server.at}/here`);
      assertEquals([followed.status, followed.out], [0, "hi\n"], followed.stderr);
      assertMatch(server.heads[1]!, /^GET \/there\?x=1 HTTP/);
      assertEquals(fieldOf(server.heads[1]!, "Authorization"), "Basic bWU6cHc=");
      const { status: refused, out, stderr } = await client(`ws://${server.at}/here`);
      assertEquals([refused, out], [7, ""]);
      const line = `HTTP/1.1 ${status} Moved: it is at ${placed}; --follow N goes there`;
      assertEquals(stderr, `coax: handshake ws://${server.at}/here: ${line}\n`);
    }
  });
}

Deno.test("neither login nor credentials in fields go to another origin", async () => {
  await using other = await site();
  await using server = await site({ "/": `302 Found\r\nLocation: http://${other.at}/` });
  const fields = [
    "Cookie: a=secret",
    "X-Api-Key: secret",
    "X-Token: secret",
    "X-Colour: red",
    "Host: h",
  ];
  const { status, stderr } = await client(
    ...fields.flatMap((field) => ["-H", field]),
    ...["--follow", "3", "--origin", "http://page.example"],
    `ws://me:secret@${server.at}`,
  );
  assertEquals(status, 0, stderr);
  assertEquals(fieldOf(server.heads[0]!, "Cookie"), "a=secret");
  assertEquals(fieldOf(server.heads[0]!, "Authorization"), "Basic bWU6c2VjcmV0");
  const [head] = other.heads;
  assert(!/secret|Authorization|c2Vj/i.test(head!), head);
  assertEquals(fieldOf(head!, "X-Colour"), "red");
  assertEquals(fieldOf(head!, "Origin"), "http://page.example");
  assertEquals(fieldOf(head!, "Host"), other.at);
});

Deno.test("a way back to the first origin has the login again", async () => {
  const redirects: Record<string, string> = {};
  await using other = await site(redirects);
  await using server = await site({ "/": `302 Found\r\nLocation: http://${other.at}/` });
  redirects["/"] = `307 Back\r\nLocation: http://${server.at}/home`;
  const { status, stderr } = await client("--follow", "9", `ws://me:secret@${server.at}`);
  assertEquals(status, 0, stderr);
  assertEquals(server.heads.map((head) => fieldOf(head, "Authorization") !== undefined), [
    true,
    true,
  ]);
  assertEquals(fieldOf(other.heads[0]!, "Authorization"), undefined);
});

Deno.test("a loop of redirects ends after N", async () => {
  await using server = await site({ "/": "302 Found\r\nLocation: /" });
  for (const follow of [1, 2, 7]) {
    server.heads.length = 0;
    const { status, stderr } = await client("-q", "--follow", `${follow}`, `ws://${server.at}`);
    assertEquals([status, server.heads.length], [7, follow + 1]);
    assertMatch(stderr, RegExp(`302 Found: it is at /, after ${follow} redirects, which are all`));
    assertMatch(stderr, /^[^\n]*\n$/);
  }
});

for (
  const [location, why] of [
    ["ftp://h/", "no address of a WebSocket"],
    ["javascript:1", "no address of a WebSocket"],
    ["http://user:secret@h/", "a login in it"],
    ["http://", "no URL"],
    ["http://[::g]/", "no URL"],
    ["\x1b]8;;x\x07/", "control character"],
  ] as const
) {
  Deno.test(`a redirect to ${JSON.stringify(location)} isn't followed`, async () => {
    await using server = await site({ "/": `302 Found\r\nLocation: ${location}` });
    const { status, out, stderr } = await client("--follow", "5", `ws://${server.at}`);
    assertEquals([status, out, server.heads.length], [7, "", 1], stderr);
    assertMatch(stderr, RegExp(why));
    assert(!/\x1b|secret/.test(stderr), stderr);
  });
}

Deno.test("a redirect may lead to TLS, which is verified, and never out of it", async () => {
  await using temp = await temporary();
  const trusted = await authority();
  const issued = await trusted.issue({ names: ["localhost"] });
  const [cert, key, ca] = [`${temp.path}/cert`, `${temp.path}/key`, `${temp.path}/ca`];
  await Deno.writeTextFile(cert, issued.cert);
  await Deno.writeTextFile(key, issued.key);
  await Deno.writeTextFile(ca, trusted.pem);
  const redirects: Record<string, string> = {};
  await using plain = await site(redirects);
  await using secure = Coax.start([
    "relay",
    "tls://127.0.0.1:0",
    plain.at,
    "--cert",
    cert,
    "--key",
    key,
  ]);
  const port = (await secure.address()).split(":").at(-1)!;
  redirects["/up"] = `301 Moved\r\nLocation: https://localhost:${port}/there`;
  redirects["/down"] = `301 Moved\r\nLocation: http://${plain.at}/there`;
  const up = ["--follow", "1", `ws://me:secret@${plain.at}/up`];
  assertEquals((await client(...up)).status, 6);
  const env = { SSL_CERT_FILE: ca };
  const taken = await run(["client", ...up], { stdin: "", env });
  assertEquals([taken.status, taken.out], [0, "hi\n"], taken.stderr);
  assertEquals(fieldOf(plain.heads.at(-1)!, "Authorization"), undefined);
  const down = await client("--ca", ca, "--follow", "1", `wss://localhost:${port}/down`);
  assertEquals([down.status, down.out], [7, ""]);
  assertMatch(down.stderr, /which isn't TLS any more/);
});

Deno.test("over a Unix socket, a redirect stays at the socket", async () => {
  await using temp = await temporary();
  const redirects = {
    "/": "302 Found\r\nLocation: /there",
    "/out": "302 Found\r\nLocation: http://127.0.0.1:1/",
  };
  await using server = await site(redirects, `unix:${temp.path}/s`);
  const right = await client("--follow", "1", `ws+unix:${temp.path}/s`);
  assertEquals([right.status, right.out, server.heads.length], [0, "hi\n", 2], right.stderr);
  const out = await client("--follow", "1", `ws+unix:${temp.path}/s:/out`);
  assertEquals(out.status, 7);
  assertMatch(out.stderr, /isn't at this Unix socket/);
});

Deno.test("a relay's, wait's and bench's connections follow, too", async () => {
  await using server = await site({ "/": "302 Found\r\nLocation: /there" });
  const url = `ws://${server.at}`;
  await using relay = Coax.start(["relay", "127.0.0.1:0", url, "--follow", "1"]);
  const { out } = await run(["client", await relay.address()], { stdin: "" });
  assertEquals(out, "hi");
  assertEquals((await run(["wait", "--timeout", "5s", "--follow", "1", url])).status, 0);
  assertEquals((await run(["wait", "--timeout", "300ms", url])).status, 5);
});

Deno.test("--follow needs a WebSocket, and a number", async () => {
  for (
    const args of [["9", "--follow", "1"], ["ws://9", "--follow", "-1"], [
      "ws://9",
      "--follow",
      "x",
    ]]
  ) {
    const { status, stderr } = await client(...args);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /^coax: --follow/);
  }
});
