/** `coax wait`: pages of the web, `--once`, and ranges of ports. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { authority } from "../support/certificates.ts";
import { decode, encode } from "../support/connections.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { type Service, service } from "../support/transports.ts";
import { Coax, run, temporary } from "./coax.ts";
import { fullBacklog, listenHere, unusedPort } from "./peers.ts";

/** Waits with a short interval where there is one. */
const wait = (...args: string[]) => {
  const pauses = (!args.includes("--once") || args.includes("--retry")) &&
    !args.includes("--retry-delay");
  return run(["wait", ...pauses ? ["--interval", "20ms"] : [], ...args]);
};

/** A server whose answer to each request is what `reply` gives; the heads are in `heads`. */
async function pages(reply: (path: string) => string) {
  const heads: string[] = [];
  const server: Service = await service("127.0.0.1:0", async (connection) => {
    const buffer = new Uint8Array(4096);
    const head = decode(buffer.subarray(0, (await connection.read(buffer)) ?? 0));
    heads.push(head);
    await connection.write(encode(reply(/^GET (\S+)/.exec(head)?.[1] ?? "")));
    await connection.closeWrite();
    while (await connection.read(buffer) !== null);
    connection.close();
  });
  return Object.assign(server, { heads, at: server.addresses[0]!.replace("tcp://", "") });
}

const CODES = [200, 204, 301, 302, 400, 401, 404, 499];

Deno.test("wait takes every status below 500, and follows no redirect", async () => {
  await using server = await pages((path) =>
    `HTTP/1.1 ${path.slice(1)} X\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n`
  );
  for (const code of CODES) {
    const { status, out, stderr } = await wait(`http://${server.at}/${code}`);
    assertEquals([status, out, stderr], [0, "", ""], `${code}`);
  }
  for (const code of [500, 502, 503, 599]) {
    const { status, stderr } = await wait("--timeout", "300ms", `http://${server.at}/${code}`);
    const missing = `http://${server.at}/${code} (HTTP/1.1 ${code} X)`;
    assertEquals([status, stderr], [5, `coax: wait: still missing after 0.3 s: ${missing}\n`]);
    const once = await wait("--once", `http://${server.at}/${code}`);
    assertEquals([once.status, once.stderr], [
      7,
      `coax: request ${missing.replace(" (", ": ").slice(0, -1)}\n`,
    ]);
  }
});

Deno.test("wait goes on until the server has started up", async () => {
  let asked = 0;
  await using server = await pages(() => `HTTP/1.1 ${++asked < 4 ? 503 : 200} X\r\n\r\n`);
  const { status } = await wait(`http://${server.at}/health?x=1`, "--", "true");
  assertEquals([status, asked], [0, 4]);
  const [head] = server.heads;
  assertMatch(head!, /^GET \/health\?x=1 HTTP\/1\.1\r\n/);
  assertMatch(head!, RegExp(`\r\nHost: ${server.at}\r\n`));
  assert(!head!.includes("Authorization"));
});

Deno.test("a login in the URL is sent, and not shown", async () => {
  await using server = await pages((path) => `HTTP/1.1 ${path.slice(1)} X\r\n\r\n`);
  for (const code of [200, 500]) {
    const { stderr } = await wait("--once", "-vv", `http://me:s3cret@${server.at}/${code}`);
    assert(!/s3cret|bWU6/.test(stderr), stderr);
    assertMatch(server.heads.at(-1)!, RegExp(`\r\nAuthorization: Basic ${btoa("me:s3cret")}\r\n`));
  }
});

const ANSWERS: [name: string, answer: string, status: number, why: RegExp][] = [
  ["no HTTP", "SSH-2.0-x\r\n\r\n", 7, /no valid answer: it doesn't speak HTTP/],
  ["nothing", "", 1, /ended without an answer/],
  ["half a head", "HTTP/1.1 200 OK\r\n", 1, /inside an HTTP head/],
  ["escapes", "HTTP/1.1 503 \x1b[31m\r\n\r\n", 7, /control character/],
  [
    "an endless head",
    `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
    7,
    /longer than 16384/,
  ],
];

for (const [name, answer, expected, why] of ANSWERS) {
  Deno.test(`an http:// URL whose server answers with ${name} isn't there`, async () => {
    await using server = await pages(() => answer);
    const { status, out, stderr } = await wait("--once", `http://${server.at}/`);
    assertEquals([status, out], [expected, ""], stderr);
    assertMatch(stderr, why);
    assertMatch(stderr, /^coax: [^\n\x1b]*\n$/);
  });
}

Deno.test("a server that never answers is late after --connect-timeout", async () => {
  using silent = listenHere();
  const args = ["--once", "--connect-timeout", "200ms", `http://${silent.address}/`];
  const { status, stderr } = await wait(...args);
  assertEquals([status, stderr], [
    5,
    `coax: request http://${silent.address}/: no answer for 0.2 s\n`,
  ]);
});

Deno.test("https:// takes the options of TLS, and verifies without them", async () => {
  const trusted = await authority();
  await using files = await tlsFiles(trusted);
  await using plain = await pages(() => "HTTP/1.1 200 OK\r\n\r\n");
  await using relay = Coax.start(["relay", "tls://127.0.0.1:0", plain.at, ...files.serving]);
  const url = (await relay.address()).replace("tls://", "https://");
  assertEquals((await wait("--once", url)).status, 6);
  const named = ["--server-name", "localhost"];
  const right = await wait("--once", ...files.trusting, ...named, url);
  assertEquals([right.status, right.stderr], [0, ""]);
  assertEquals((await wait("--once", "-q", "--insecure", url)).status, 0);
  assertEquals((await wait("--once", "--insecure", `http://${plain.at}`)).status, 2);
});

Deno.test("an https:// URL goes through --via, and --bind is for both", async () => {
  await using server = await pages(() => "HTTP/1.1 200 OK\r\n\r\n");
  await using proxy = Coax.start([
    "relay",
    "-v",
    "127.0.0.1:0",
    "http-proxy:",
    "--allow-target",
    "127.0.0.1",
  ]);
  const via = ["--via", (await proxy.address()).replace("tcp:", "http:"), "--bind", "127.0.0.9"];
  assertEquals((await wait("--once", ...via, `http://${server.at}`)).status, 0);
  await proxy.logs(/127\.0\.0\.9:\d+/);
});

for (
  const [url, why] of [
    ["http://", /expected/],
    ["http://h:99999/", /port/],
    ["https://[::1/", /expected/],
    ["http://h/a b", /path/],
    ["http://a%3Ab:secret@h/", /user without colons/],
  ] as const
) {
  Deno.test(`${url} is a usage error that quotes it`, async () => {
    const { status, stderr } = await wait(url);
    assertEquals(status, 2, stderr);
    assert(stderr.startsWith(`coax: "${url.replace("a%3Ab:secret", "***")}": `), stderr);
    assertMatch(stderr, why);
  });
}

Deno.test("--once tries once: the status is that of the attempt", async () => {
  await using server = Coax.start([
    "echo",
    "127.0.0.1:0",
    "ws://127.0.0.1:0/live",
    "udp://127.0.0.1:0",
  ]);
  const [tcp, ws, udp] = await server.listening(3);
  using full = await fullBacklog();
  const cases: [address: string, status: number, why: RegExp][] = [
    [tcp!, 0, /^$/],
    [ws!, 0, /^$/],
    [udp!, 0, /^$/],
    [`127.0.0.1:${unusedPort()}`, 4, /^coax: connect .*: connection refused\n$/],
    [`udp://127.0.0.1:${unusedPort()}`, 4, /connection refused/],
    ["nowhere.invalid:1", 3, /^coax: resolve nowhere\.invalid:1: /],
    [ws!.replace("/live", "/no"), 7, /404/],
    [full.address, 5, /timed out after 300 ms/],
    ["unix:/nonexistent/s", 4, /no such file/],
  ];
  for (const [address, expected, why] of cases) {
    const answer = address.startsWith("udp:") ? ["--interval", "2s"] : [];
    const patience = ["--connect-timeout", "300ms", ...answer];
    const { status, out, stderr } = await run(["wait", "--once", ...patience, address]);
    assertEquals([status, out], [expected, ""], stderr);
    assertMatch(stderr, why);
  }
});

Deno.test("--once runs the command only if all is there", async () => {
  await using server = Coax.start(["echo", "127.0.0.1:0"]);
  const up = await server.address();
  const command = ["--", "sh", "-c", "echo started; exit 5"];
  const right = await wait("--once", up, ...command);
  assertEquals([right.status, right.out], [5, "started\n"]);
  const wrong = await wait("--once", `127.0.0.1:${unusedPort()}`, ...command);
  assertEquals([wrong.status, wrong.out], [4, ""]);
});

/** Three ports in a row, of which the middle one is listened on. */
function middle(): Disposable & { first: number } {
  for (;;) {
    const first = unusedPort();
    const taken = [first, first + 2].some((port) => {
      try {
        Deno.listen({ hostname: "127.0.0.1", port }).close();
        return false;
      } catch {
        return true;
      }
    });
    if (taken) continue;
    try {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: first + 1 });
      return { first, [Symbol.dispose]: () => listener.close() };
    } catch {
      continue;
    }
  }
}

Deno.test("a range with --once prints a line for each port, in order", async () => {
  using three = middle();
  const { first } = three;
  const range = `127.0.0.1:${first}-${first + 2}`;
  const { status, out, stderr } = await wait("--once", range);
  assertEquals(
    out,
    [
      `127.0.0.1:${first}: connection refused\n`,
      `127.0.0.1:${first + 1} is open\n`,
      `127.0.0.1:${first + 2}: connection refused\n`,
    ].join(""),
  );
  assertEquals([status, stderr], [4, `coax: connect 127.0.0.1:${first}: connection refused\n`]);
  const open = await wait("--once", `127.0.0.1:${first + 1}-${first + 1}`);
  assertEquals([open.status, open.out, open.stderr], [0, "", ""]);
  const json = await wait("--once", "--log-format", "json", range);
  assertEquals(json.out.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { address: `127.0.0.1:${first}`, open: false, error: "connection refused", status: 4 },
    { address: `127.0.0.1:${first + 1}`, open: true },
    { address: `127.0.0.1:${first + 2}`, open: false, error: "connection refused", status: 4 },
  ]);
});

Deno.test("a range without --once is waited for as a whole", async () => {
  using three = middle();
  const { first } = three;
  const args = [
    "wait",
    "--interval",
    "20ms",
    "--timeout",
    "20s",
    `127.0.0.1:${first}-${first + 2}`,
  ];
  await using waiting = Coax.start(["wait", "-vv", ...args.slice(1)]);
  await waiting.logs(/accepts connections/);
  assert(waiting.running);
  await using _others = Coax.start(["echo", `127.0.0.1:${first}`, `127.0.0.1:${first + 2}`]);
  assertEquals((await waiting.exit()).status, 0);
});

Deno.test("a thousand ports are tried with few descriptors", async () => {
  const options = { before: ["prlimit", "--nofile=400"] };
  const { status, out } = await run(["wait", "--once", "127.0.0.1:2000-2999"], options);
  assert(status === 4 || status === 0);
  assertEquals(out.trimEnd().split("\n").length, 1000);
  assert(!/too many/i.test(out), out.slice(0, 300));
});

for (const range of ["h:30-20", "h:0-9", "h:1-65536", "tls://h:9-1", "30-20", "http://h:5-1/x"]) {
  Deno.test(`the range ${range} is a usage error`, async () => {
    const { status, stderr } = await wait("--once", range);
    assertEquals(status, 2);
    assert(
      stderr.startsWith(`coax: "${range}": expected a range of ports from 1 to 65535`),
      stderr,
    );
  });
}

Deno.test("its lines end where their reader does", async () => {
  await using coax = Coax.start(["wait", "--once", "127.0.0.1:2000-2099"]);
  await coax.stopReading();
  assertEquals((await coax.exit()).stderr.includes("    at "), false);
});

const python = { name: "python3", available: available("python3", ["--version"], /3\.\d/) };

testWith(python, "wait believes Python's http.server, and its 404 too", async () => {
  await using temp = await temporary();
  const port = String(unusedPort());
  const words = ["python3", "-m", "http.server", "-b", "127.0.0.1", "-d", temp.path, port];
  await using _server = Coax.spawn(words);
  for (const path of ["/", "/missing"]) {
    const { status, stderr } = await wait("--timeout", "20s", `http://127.0.0.1:${port}${path}`);
    assertEquals(status, 0, stderr);
  }
});

/** By options: with what status it ends where nobody answers, and after how many attempts. */
const RETRIES: [options: string[], attempts: number][] = [
  [["--once"], 1],
  [["--once", "--retry", "2"], 3],
  [["--retry", "0"], 1],
  [["--retry", "3"], 4],
  [["--retry", "2", "--retry-delay", "10ms"], 3],
];

for (const [options, attempts] of RETRIES) {
  Deno.test(`wait ${options.join(" ")} ends with the status of attempt ${attempts}`, async () => {
    let asked = 0;
    await using server = await pages(() => `HTTP/1.1 ${500 + ++asked} X\r\n\r\n`);
    const { status, stderr } = await wait(...options, "--timeout", "20s", `http://${server.at}/`);
    assertEquals([status, asked], [7, attempts], stderr);
    assertMatch(stderr, RegExp(`^coax: request .*: HTTP/1\\.1 ${500 + attempts} X\\n$`));
  });
}

Deno.test("wait --once --retry goes on until it is there, each address on its own", async () => {
  let asked = 0;
  await using server = await pages(() => `HTTP/1.1 ${++asked < 4 ? 503 : 200} X\r\n\r\n`);
  using there = listenHere();
  const url = `http://${server.at}/`;
  const { status, out } = await wait("--once", "--retry", "forever", url, there.address);
  assertEquals([status, asked], [0, 4]);
  assertEquals(out, `${url} is up\n${there.address} is open\n`);
});

Deno.test("wait --retry-delay is the time between two tries, and doubles", async () => {
  const started = performance.now();
  const address = `127.0.0.1:${unusedPort()}`;
  const { status } = await wait("--retry", "2", "--retry-delay", "200ms", address);
  const ms = performance.now() - started;
  assertEquals(status, 4);
  assert(ms > 0.8 * 600, `${ms} ms`);
});

Deno.test("wait refuses an --interval that nothing waits for", async () => {
  const answers = "udp://, where it is the time for an answer";
  for (const [other, why] of [["--retry-delay=1s", "is the pause"], ["--once", "tries once"]]) {
    const { status, stderr } = await run(["wait", "--interval", "1s", other!, "9000"]);
    const name = other!.replace(/=.*/, "");
    const reason = `9000 is plain TCP; expected ${answers}: ${name} ${why}`;
    assertEquals([status, stderr], [2, `coax: --interval: ${reason}. Try 'coax wait --help'\n`]);
  }
});
