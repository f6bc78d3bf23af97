/** Proxies: as a client with `--via`, as a server with `socks5:` and `http-proxy:`. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { splice } from "../../src/core/splice.ts";
import { decode, encode, readAll, readExactly } from "../support/connections.ts";
import { connect, type Service, service } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";
import { Coax, run } from "./coax.ts";
import { fullBacklog, listenHere, unusedPort } from "./peers.ts";

const USER = "name";
const PASSWORD = "sec:r/e@t";
const LOGIN = `${USER}:${encodeURIComponent(PASSWORD)}`;

/** After EOF, answers each connection with what it sent, in capitals. */
const shouting = (): Promise<Service> =>
  service("127.0.0.1:0", async (connection) => {
    const text = decode(await readAll(connection));
    await connection.write(encode(text.toUpperCase()));
    connection.close();
  });

const portOf = (address: string) => Number(/\d+$/.exec(address)![0]);

async function readHead(connection: Duplex): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) head += decode(await readExactly(connection, 1));
  return head;
}

/** A SOCKS5 proxy that wants a login; its requests are in `asked`. */
async function socksWithPassword(asked: string[]): Promise<Service> {
  return await service("127.0.0.1:0", async (connection) => {
    const [, count] = await readExactly(connection, 2);
    const methods = await readExactly(connection, count!);
    if (!methods.includes(2)) {
      await connection.write(Uint8Array.of(5, 0xff));
      return connection.close();
    }
    await connection.write(Uint8Array.of(5, 2));
    const field = async () =>
      decode(await readExactly(connection, (await readExactly(connection, 1))[0]!));
    await readExactly(connection, 1);
    const right = await field() === USER && await field() === PASSWORD;
    await connection.write(Uint8Array.of(1, right ? 0 : 1));
    if (!right) return connection.close();
    await readExactly(connection, 4); // A name follows: coax's client resolves nothing itself.
    const host = await field();
    const [high, low] = await readExactly(connection, 2);
    const port = high! << 8 | low!;
    asked.push(`${host}:${port}`);
    const target = await connect(`127.0.0.1:${port}`);
    await connection.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    await splice([connection, target]);
  });
}

/** An HTTP proxy that wants Basic; its requests are in `asked`. */
async function httpWithPassword(asked: string[]): Promise<Service> {
  return await service("127.0.0.1:0", async (connection) => {
    const head = await readHead(connection);
    const [, host, port] = /^CONNECT (.*):(\d+) HTTP\/1\.1\r\n/.exec(head)!;
    const [, token] = /\r\nProxy-Authorization: Basic (.*)\r\n/i.exec(head) ?? [];
    if (token !== btoa(`${USER}:${PASSWORD}`)) {
      await connection.write(encode("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"));
      return connection.close();
    }
    asked.push(`${host}:${port}`);
    const target = await connect(`127.0.0.1:${port}`);
    await connection.write(encode("HTTP/1.1 200 OK\r\n\r\n"));
    await splice([connection, target]);
  });
}

/** A SOCKS4A proxy that lets one user in; its requests are in `asked`. */
async function socks4a(asked: string[]): Promise<Service> {
  return await service("127.0.0.1:0", async (connection) => {
    const [, , high, low, ...ip] = await readExactly(connection, 8);
    const text = async (end = "") => {
      for (let byte; (byte = (await readExactly(connection, 1))[0]!) !== 0;) {
        end += String.fromCharCode(byte);
      }
      return end;
    };
    const user = await text();
    await connection.write(Uint8Array.of(0, user === USER ? 90 : 93, 0, 0, 0, 0, 0, 0));
    if (user !== USER) return connection.close();
    const port = high! << 8 | low!;
    asked.push(`${ip[0] === 0 ? await text() : ip.join(".")}:${port}`);
    await splice([connection, await connect(`127.0.0.1:${port}`)]);
  });
}

const client = (address: string, ...args: string[]) =>
  run(["client", address, ...args], { stdin: "hello" });

/** A relay that is a proxy to any of these targets. */
const proxy = (kind: "socks5:" | "http-proxy:", ...args: string[]) =>
  Coax.start(["relay", "127.0.0.1:0", kind, ...args]);

const OPEN = ["--allow-target", "127.0.0.0/8", "--allow-target", "localhost"];

for (
  const [scheme, kind] of [
    ["socks5", "socks5:"],
    ["socks5h", "socks5:"],
    ["http", "http-proxy:"],
  ] as const
) {
  Deno.test(`--via ${scheme}:// goes through a relay that is such a proxy`, async () => {
    await using target = await shouting();
    await using relay = proxy(kind, ...OPEN);
    const via = `${scheme}://127.0.0.1:${portOf(await relay.address())}`;
    for (const host of ["127.0.0.1", "localhost"]) {
      const exit = await client(`${host}:${portOf(target.addresses[0]!)}`, "--via", via);
      assertEquals([exit.status, exit.out], [0, "HELLO"], exit.stderr);
    }
  });
}

for (
  const [scheme, start] of [["socks5", socksWithPassword], ["http", httpWithPassword]] as const
) {
  Deno.test(`--via ${scheme}:// logs in, has the name resolved there, and shows no secret`, async () => {
    const asked: string[] = [];
    await using target = await shouting();
    await using server = await start(asked);
    const port = portOf(target.addresses[0]!);
    const at = `127.0.0.1:${portOf(server.addresses[0]!)}`;
    const right = await client(
      `nowhere.invalid:${port}`,
      "-vv",
      "--via",
      `${scheme}://${LOGIN}@${at}`,
    );
    assertEquals([right.status, right.out], [0, "HELLO"], right.stderr);
    assertEquals(asked, [`nowhere.invalid:${port}`]);
    const wrong = await client(
      `a.invalid:1`,
      "-vv",
      "--via",
      `${scheme}://${USER}:sec%3Aret@${at}`,
    );
    assertEquals(wrong.status, 7, wrong.stderr);
    const none = await client(`a.invalid:1`, "-vv", "--via", `${scheme}://${at}`);
    assertEquals(none.status, 7, none.stderr);
    for (const { stderr } of [right, wrong, none]) {
      assert(!/sec|c2Vj|bmFtZTpzZWM/.test(stderr), stderr);
    }
  });
}

Deno.test("--via socks4a:// says who asks, has the name resolved there, and shows no user", async () => {
  const asked: string[] = [];
  await using target = await shouting();
  await using server = await socks4a(asked);
  const to = `nowhere.invalid:${portOf(target.addresses[0]!)}`;
  const at = `127.0.0.1:${portOf(server.addresses[0]!)}`;
  const right = await client(to, "-vv", "--via", `socks4a://${USER}@${at}`);
  assertEquals([right.status, right.out, asked], [0, "HELLO", [to]], right.stderr);
  assert(!right.stderr.includes(`${USER}@`), right.stderr);
  const wrong = await client(to, "-vv", "--via", `socks4a://somebody@${at}`);
  assertEquals([wrong.status, wrong.out], [7, ""], wrong.stderr);
  assertMatch(wrong.stderr, /^coax: proxy socks4a:.*our identd names another user \(SOCKS4A, for/m);
  assert(!wrong.stderr.includes("somebody"), wrong.stderr);
  const ipv6 = await client("[::1]:1", "--via", `socks4a://${at}`);
  assertEquals(ipv6.status, 7);
  assertMatch(ipv6.stderr, /SOCKS4 has no IPv6 addresses/);
});

Deno.test("all three kinds of proxies are chained in every order", async () => {
  const asked: string[] = [];
  await using target = await shouting();
  await using four = await socks4a(asked);
  await using five = proxy("socks5:", ...OPEN);
  await using http = proxy("http-proxy:", ...OPEN);
  const port = async (relay: Coax) => portOf(await relay.address());
  const urls = [
    `socks4a://${USER}@127.0.0.1:${portOf(four.addresses[0]!)}`,
    `socks5h://127.0.0.1:${await port(five)}`,
    `http://127.0.0.1:${await port(http)}`,
  ];
  const orders = urls.flatMap((a) => urls.flatMap((b) => urls.map((c) => [a, b, c])))
    .filter((order) => new Set(order).size === 3);
  for (const order of orders) {
    const via = order.flatMap((url) => ["--via", url]);
    const exit = await client(`127.0.0.1:${portOf(target.addresses[0]!)}`, ...via);
    assertEquals([exit.status, exit.out], [0, "HELLO"], `${order} ${exit.stderr}`);
  }
});

Deno.test("a password is masked whatever characters it has, also in a URL that is none", async () => {
  for (const password of ["a:hidden", "hidden/x", "x@hidden", "hid%64en%", "hidden"]) {
    for (
      const url of [`socks5://u:${password}@h:0x`, `ftp://u:${password}@h:1`, `u:${password}@h`]
    ) {
      const exit = await client("localhost:1", "--via", url);
      assertEquals(exit.status, 2, exit.stderr);
      assert(!/hidden|hid%64en/.test(exit.stderr), exit.stderr);
    }
    const valid = await client("localhost:1", "-vv", "--via", `http://u:${password}@127.0.0.1:1`);
    assert(!/hidden|hid%64en/.test(valid.stderr), valid.stderr);
  }
});

Deno.test("proxies are chained: each reaches the next, the last the target", async () => {
  const asked: string[] = [];
  await using target = await shouting();
  await using last = await httpWithPassword(asked);
  await using relay = proxy("socks5:", ...OPEN);
  const exit = await client(
    `nowhere.invalid:${portOf(target.addresses[0]!)}`,
    "--via",
    `socks5://127.0.0.1:${portOf(await relay.address())}`,
    "--via",
    `http://${LOGIN}@127.0.0.1:${portOf(last.addresses[0]!)}`,
  );
  assertEquals([exit.status, exit.out], [0, "HELLO"], exit.stderr);
  assertEquals(asked, [`nowhere.invalid:${portOf(target.addresses[0]!)}`]);
});

Deno.test("a proxy that refuses, can't reach its target or can't be reached is status 7", async () => {
  const port = unusedPort();
  await using socks = proxy("socks5:", ...OPEN);
  await using http = proxy("http-proxy:", ...OPEN);
  const socksUrl = `socks5://127.0.0.1:${portOf(await socks.address())}`;
  const httpUrl = `http://127.0.0.1:${portOf(await http.address())}`;
  const cases: [via: string, target: string, line: RegExp][] = [
    [socksUrl, `127.0.0.1:${port}`, /connection refused \(SOCKS5/],
    [httpUrl, `127.0.0.1:${port}`, /HTTP\/1\.1 502 .*\(CONNECT/],
    [socksUrl, "10.1.2.3:1", /not allowed by its rules/],
    [httpUrl, "10.1.2.3:1", /HTTP\/1\.1 403/],
    [`socks5://127.0.0.1:${port}`, "10.1.2.3:1", /refused/],
  ];
  for (const [via, target, line] of cases) {
    const exit = await client(target, "--via", via);
    assertEquals(exit.status, 7, exit.stderr);
    assertMatch(exit.stderr, line);
    assertEquals(exit.stderr.trimEnd().split("\n").length, 1);
  }
});

Deno.test("a proxy that never answers, or can't be connected to in time, is named with status 7", async () => {
  using silent = listenHere();
  using full = await fullBacklog();
  const patience = ["--connect-timeout", "200ms"];
  for (const scheme of ["socks5", "http"]) {
    for (const { address } of [silent, full]) {
      const via = `${scheme}://${address}`;
      const { status, stderr } = await client("127.0.0.1:1", "--via", via, ...patience);
      const line = `coax: proxy ${via}: timed out after 200 ms (for 127.0.0.1:1)\n`;
      assertEquals([status, stderr], [7, line]);
    }
  }
});

Deno.test("in a chain the proxy that doesn't answer is named, and not the one before", async () => {
  using silent = listenHere();
  await using relay = proxy("socks5:", ...OPEN);
  const first = `socks5://127.0.0.1:${portOf(await relay.address())}`;
  const second = `http://${silent.address}`;
  const args = ["--via", first, "--via", second, "--connect-timeout", "500ms"];
  const { status, stderr } = await client("127.0.0.1:1", ...args);
  const line = `coax: proxy ${second}: timed out after 500 ms (for 127.0.0.1:1)\n`;
  assertEquals([status, stderr], [7, line]);
});

Deno.test("--retry tries again when a proxy can't be reached or doesn't answer", async () => {
  using silent = listenHere();
  const patience = ["--connect-timeout", "200ms", "--retry", "1", "--retry-delay", "10ms"];
  for (const address of [silent.address, `127.0.0.1:${unusedPort()}`]) {
    const exit = await client("127.0.0.1:1", "--via", `socks5://${address}`, ...patience);
    assertMatch(exit.stderr, /^proxy socks5:.*; trying again in 0\.0 s\ncoax: proxy socks5:.*\n$/);
  }
});

Deno.test("--retry doesn't ask a proxy again that has refused", async () => {
  await using socks = proxy("socks5:");
  const via = `socks5://127.0.0.1:${portOf(await socks.address())}`;
  const exit = await client("127.0.0.1:1", "--via", via, "--retry", "1", "--retry-delay", "10ms");
  assertEquals(exit.status, 7);
  assertMatch(exit.stderr, /^coax: proxy socks5:.*not allowed by its rules.*\n$/);
});

Deno.test("a proxy whose own proxy fails reports that, and not that the target isn't allowed", async () => {
  using silent = listenHere();
  const cases = [[silent.address, 4, "504"], [`127.0.0.1:${unusedPort()}`, 1, "502"]] as const;
  for (const [address, reply, status] of cases) {
    const via = ["--via", `http://${address}`, "--connect-timeout", "200ms"];
    await using socks = proxy("socks5:", ...via);
    await using http = proxy("http-proxy:", ...via);
    assertEquals(await socksReply(await socks.address(), 1, Uint8Array.of(10, 1, 2, 3)), reply);
    assertEquals(await httpStatus(await http.address(), "CONNECT 10.1.2.3:9"), status);
  }
});

/** A SOCKS5 proxy's reply to a request for this address. */
async function socksReply(address: string, type: number, host: Uint8Array): Promise<number> {
  const connection = await connect(address);
  await connection.write(Uint8Array.of(5, 1, 0));
  await readExactly(connection, 2);
  await connection.write(Uint8Array.of(5, 1, 0, type, ...host, 0, 9));
  const [, reply] = await soon(readExactly(connection, 10), "the reply");
  connection.close();
  return reply!;
}

async function httpStatus(address: string, request: string): Promise<string> {
  const connection = await connect(address);
  await connection.write(encode(`${request} HTTP/1.1\r\nHost: x\r\n\r\n`));
  const answer = decode(await soon(readAll(connection), "the answer"));
  connection.close();
  return answer.slice(9, 12);
}

Deno.test("an HTTP request that can't be served is answered with the reason", async () => {
  await using http = proxy("http-proxy:");
  const address = await http.address();
  const cases: [request: string, status: string, why: string][] = [
    ["CONNECT a:443 HTTP/1.1\r\n\r\n", "400", "Host is missing"],
    [`GET http://a/ HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(16_384)}`, "431", "longer than 16384"],
    ["GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "400", "expected CONNECT host:port, or a URL"],
    ["CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", "400", "expected CONNECT host:port"],
    ["GET http://a/ HTTP/2.0\r\nHost: a\r\n\r\n", "505", "only HTTP/1.1"],
    ["GET http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400", "Content-Length"],
  ];
  for (const [request, status, why] of cases) {
    const connection = await connect(address);
    await connection.write(encode(request));
    const answer = decode(await soon(readAll(connection), "the answer"));
    connection.close();
    assertEquals(answer.slice(9, 12), status);
    assertStringIncludes(answer, why);
    await http.logs(new RegExp(`^coax: .*proxy 127\\.0\\.0\\.1:\\d+: HTTP: .*${why}`, "m"));
  }
});

const name = (host: string) => Uint8Array.of(host.length, ...encode(host));
const local: [host: string, type: number, bytes: Uint8Array][] = [
  ["127.0.0.1", 1, Uint8Array.of(127, 0, 0, 1)],
  ["127.9.9.9", 1, Uint8Array.of(127, 9, 9, 9)],
  ["0.0.0.0", 1, Uint8Array.of(0, 0, 0, 0)],
  ["169.254.169.254", 1, Uint8Array.of(169, 254, 169, 254)],
  ["[::1]", 4, Uint8Array.fromHex("00000000000000000000000000000001")],
  ["[::]", 4, Uint8Array.fromHex("00000000000000000000000000000000")],
  ["[fe80::1]", 4, Uint8Array.fromHex("fe800000000000000000000000000001")],
  ["[::ffff:127.0.0.1]", 4, Uint8Array.fromHex("00000000000000000000ffff7f000001")],
  ["[::ffff:0.0.0.0]", 4, Uint8Array.fromHex("00000000000000000000ffff00000000")],
  ["localhost", 3, name("localhost")],
  ["LOCALHOST", 3, name("LOCALHOST")],
  [Deno.hostname(), 3, name(Deno.hostname())],
  ["2130706433", 3, name("2130706433")],
  ["0x7f.1", 3, name("0x7f.1")],
];

Deno.test("without --allow-target nothing that leads to this machine is reached", async () => {
  await using socks = proxy("socks5:");
  await using http = proxy("http-proxy:");
  const [socksAt, httpAt] = [await socks.address(), await http.address()];
  for (const [host, type, bytes] of local) {
    const reply = await socksReply(socksAt, type, bytes);
    const status = await httpStatus(httpAt, `CONNECT ${host}:9`);
    const plain = await httpStatus(httpAt, `GET http://${host}:9/`);
    assertEquals([host, reply, status, plain], [host, 2, "403", "403"]);
  }
});

Deno.test("--allow-target: only what it names, by host, port and range", async () => {
  await using target = await shouting();
  const port = portOf(target.addresses[0]!);
  await using relay = proxy("http-proxy:", "--allow-target", `127.0.0.1:${port}`);
  const address = await relay.address();
  assertEquals(await httpStatus(address, `CONNECT 127.0.0.1:${port === 9 ? 10 : 9}`), "403");
  assertEquals(await httpStatus(address, `CONNECT 127.0.0.2:${port}`), "403");
  const connection = await connect(address);
  await connection.write(encode(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\nhello`));
  await connection.closeWrite();
  assertStringIncludes(decode(await soon(readAll(connection), "the answer")), "\r\n\r\nHELLO");
  connection.close();
});

Deno.test("a proxy that goes through a proxy refuses names that it can't check", async () => {
  await using target = await shouting();
  const port = portOf(target.addresses[0]!);
  await using last = proxy("socks5:", ...OPEN);
  const via = ["--via", `socks5://127.0.0.1:${portOf(await last.address())}`];
  await using strict = proxy("socks5:", ...via);
  assertEquals(await socksReply(await strict.address(), 3, name("localhost")), 2);
  await strict.logs(/not an allowed target/);
  await using listed = proxy("socks5:", ...via, "--allow-target", "localhost");
  const through = `socks5://127.0.0.1:${portOf(await listed.address())}`;
  const exit = await client(`localhost:${port}`, "--via", through);
  assertEquals([exit.status, exit.out], [0, "HELLO"], exit.stderr);
});

/** A target that answers each connection with its name. */
const named = (text: string, port = 0): Promise<Service> =>
  service(`127.0.0.1:${port}`, async (connection) => {
    await connection.write(encode(text));
    await connection.closeWrite();
    await connection.read(new Uint8Array(1)).catch(() => {});
    connection.close();
  });

/** Connects; resolves with the target's name and a function that closes. */
async function visit(address: string): Promise<{ who: string; leave: () => void }> {
  const connection = await connect(address);
  const who = decode(await soon(readAll(connection), "a name"));
  return { who, leave: () => connection.close() };
}

async function visits(address: string, count: number): Promise<string> {
  let all = "";
  for (let i = 0; i < count; i++) {
    const { who, leave } = await visit(address);
    all += who;
    leave();
  }
  return all;
}

async function balanced(balance: string) {
  const stack = new AsyncDisposableStack();
  const targets = [];
  for (const who of ["a", "b", "c"]) targets.push(stack.use(await named(who)).addresses[0]!);
  const relay = stack.use(Coax.start(["relay", "127.0.0.1:0", ...targets, "--balance", balance]));
  const address = await relay.address();
  return { address, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("--balance round-robin takes the targets in turn", async () => {
  await using relay = await balanced("round-robin");
  assertEquals(await visits(relay.address, 6), "abcabc");
});

Deno.test("--balance failover stays with the first", async () => {
  await using relay = await balanced("failover");
  assertEquals(await visits(relay.address, 4), "aaaa");
});

Deno.test("--balance random takes each, in no fixed order", async () => {
  await using relay = await balanced("random");
  const seen = await visits(relay.address, 40);
  assertEquals(new Set(seen).size, 3, seen);
  assert(!"abc".repeat(14).includes(seen), seen);
});

Deno.test("--balance least takes the target with the fewest open connections", async () => {
  await using relay = await balanced("least");
  const guests = [];
  for (let i = 0; i < 3; i++) guests.push(await visit(relay.address));
  assertEquals(guests.map(({ who }) => who).sort(), ["a", "b", "c"]);
  const [, second] = guests;
  second!.leave();
  let next = await visit(relay.address);
  // That the second has closed is noticed a little later.
  await until(async () => {
    if (next.who === second!.who) return true;
    next.leave();
    next = await visit(relay.address);
    return false;
  }, "the free target");
  for (const { leave } of [...guests, next]) leave();
});

Deno.test("a target that refuses is skipped, and tried again after 5 s", async () => {
  await using second = await named("b");
  const port = unusedPort();
  const targets = [`127.0.0.1:${port}`, second.addresses[0]!];
  await using relay = Coax.start(["relay", "127.0.0.1:0", ...targets, "--balance", "failover"]);
  const address = await relay.address();
  const begun = performance.now();
  assertEquals(await visits(address, 1), "b");
  await relay.logs(/connection refused; left alone for 5 s/);
  await using _first = await named("a", port);
  assertEquals(await visits(address, 3), "bbb");
  await until(async () => await visits(address, 1) === "a", "the first target");
  assert(performance.now() - begun >= 4900, "it was not left alone");
  await relay.logs(/answers again/);
});
