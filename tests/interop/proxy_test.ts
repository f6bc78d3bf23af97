/** curl through our proxies, coax through ncat's, and PROXY headers to and from haproxy. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Coax, PIPE, run, temporary } from "../e2e/coax.ts";
import { connectTo, receiveText, send, unusedPort } from "../e2e/peers.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { carry } from "../../src/core/splice.ts";
import { decode, encode, readExactly } from "../support/connections.ts";
import { type Service, service } from "../support/transports.ts";
import { until } from "../support/wait.ts";
import { available, testWith } from "./peer_program.ts";

const curl = { name: "curl", available: available("curl", ["--version"], /^curl \d/) };
const ncat = { name: "ncat", available: available("ncat", ["--version"], /Ncat/) };
const haproxy = { name: "haproxy", available: available("haproxy", ["-v"], /HAProxy version/) };

const portOf = (address: string) => Number(/\d+$/.exec(address)![0]);

/** An HTTP server that answers with the request that it got. */
const mirror = (): Promise<Service> =>
  service("127.0.0.1:0", async (connection) => {
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += decode(await readExactly(connection, 1));
    const length = `Content-Length: ${head.length}\r\nConnection: close`;
    await connection.write(encode(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n${head}`));
    connection.close();
  });

/** Sends all bytes back, after any header before them. */
const echo = (): Promise<Service> =>
  service("127.0.0.1:0", async (connection) => {
    await carry([connection, connection]);
    connection.close();
  });

/** Runs curl, with proxies for local addresses too. */
async function fetchBy(...args: string[]) {
  await using program = Coax.spawn(["curl", "-sS", "--max-time", "10", "--noproxy", "", ...args]);
  return await program.exit();
}

const ways: [kind: string, args: (at: string) => string[], line: RegExp][] = [
  ["socks5:", (at) => ["--socks5-hostname", at], /^GET \/a\?b=1 HTTP/],
  ["socks5:", (at) => ["--socks5", at], /^GET \/a\?b=1 HTTP/],
  ["http-proxy:", (at) => ["--proxy", `http://${at}`], /^GET \/a\?b=1 HTTP/],
  ["http-proxy:", (at) => ["-p", "--proxy", `http://${at}`], /^GET \/a\?b=1 HTTP/],
];

for (const [kind, args, line] of ways) {
  const shown = args("").slice(0, -1).join(" ");

  testWith(curl, `curl ${shown} through ${kind}, if it may`, async () => {
    await using server = await mirror();
    const url = `http://localhost:${portOf(server.addresses[0]!)}/a?b=1`;
    const open = ["--allow-target", "127.0.0.1,localhost,::1"];
    await using relay = Coax.start(["relay", "127.0.0.1:0", kind, ...open]);
    const { status, out, stderr } = await fetchBy(...args(addressOf(await relay.address())), url);
    assertEquals(status, 0, stderr);
    assertMatch(out, line);
    assertMatch(out, /^host: localhost:\d+\r$/im);
    assertEquals(/^proxy-/im.test(out), false, out);

    await using closed = Coax.start(["relay", "127.0.0.1:0", kind]);
    const at = addressOf(await closed.address());
    const codes = ["-o", "/dev/null", "-w", "%{http_code} %{http_connect}"];
    const refused = await fetchBy(...args(at), ...codes, url);
    if (kind === "http-proxy:") assertStringIncludes(refused.out, "403");
    else assert(refused.status !== 0, refused.out);
    await closed.logs(/not an allowed target/);
  });
}

/** An HTTP server that keeps its connections, and answers with its name and what was posted. */
const keeping = (name: string): Promise<Service> =>
  service("127.0.0.1:0", async (connection) => {
    for (;;) {
      let head = "";
      while (!head.endsWith("\r\n\r\n")) head += decode(await readExactly(connection, 1));
      if (/^expect: 100-continue\r$/im.test(head)) await connection.write(encode(CONTINUE));
      const body = await bodyOf(connection, head);
      const length = `Content-Length: ${name.length + body.length}`;
      const fields = `${length}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60`;
      await connection.write(encode(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${name}${body}`));
    }
  });

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** The content of a request with this head. */
async function bodyOf(connection: Duplex, head: string): Promise<string> {
  if (!/^transfer-encoding: chunked\r$/im.test(head)) {
    const [, length = "0"] = /^content-length: (\d+)\r$/im.exec(head) ?? [];
    return decode(await readExactly(connection, Number(length)));
  }
  for (let body = "";;) {
    let line = "";
    while (!line.endsWith("\r\n")) line += decode(await readExactly(connection, 1));
    const size = parseInt(line, 16);
    const data = decode(await readExactly(connection, size + 2));
    if (size === 0) return body;
    body += data.slice(0, -2);
  }
}

testWith(curl, "each of curl's requests is for its own origin, if it may be reached", async () => {
  await using first = await keeping("first");
  await using second = await keeping("second");
  await using third = await keeping("third");
  const ports = [first, second, third].map(({ addresses }) => portOf(addresses[0]!));
  const [one, two, forbidden] = ports.map((port) => `http://127.0.0.1:${port}/`);
  const allowed = ports.slice(0, 2).map((port) => `127.0.0.1:${port}`).join(",");
  await using relay = Coax.start([
    "relay",
    "127.0.0.1:0",
    "http-proxy:",
    "--allow-target",
    allowed,
  ]);
  const proxy = ["--proxy", `http://${addressOf(await relay.address())}`];
  const each = ["-w", "[%{http_code}]", ...proxy];
  const { status, out, stderr } = await fetchBy(...each, one!, two!, forbidden!, one!);
  assertEquals(status, 0, stderr);
  assertMatch(out, /^first\[200\]second\[200\].*not an allowed target\n\[403\]first\[200\]$/s);
});

testWith(curl, "what curl posts reaches the origin, with a length and in chunks", async () => {
  await using origin = await keeping("got ");
  const url = `http://127.0.0.1:${portOf(origin.addresses[0]!)}/`;
  await using relay = Coax.start(
    ["relay", "127.0.0.1:0", "http-proxy:", "--allow-target", "127.0.0.1"],
  );
  const proxy = ["--proxy", `http://${addressOf(await relay.address())}`];
  const large = "x".repeat(100_000);
  await using temp = await temporary();
  await Deno.writeTextFile(`${temp.path}/large`, large);
  for (const header of ["X: y", "Transfer-Encoding: chunked", "Expect: 100-continue"]) {
    const post = ["-H", header, "--data-binary", `@${temp.path}/large`, ...proxy];
    const { status, out, stderr } = await fetchBy(...post, url, url);
    assertEquals(status, 0, stderr);
    assert(out === `got ${large}`.repeat(2), `${header}: ${out.length} characters`);
  }
});

const nginx = { name: "nginx", available: available("nginx", ["-v"], /nginx version/) };

testWith(
  nginx,
  "nginx's answers come whole through http-proxy:, and each ends its connection",
  async () => {
    await using temp = await temporary();
    const port = unusedPort();
    const large = "0123456789".repeat(20_000);
    await Deno.writeTextFile(`${temp.path}/large`, large);
    await Deno.writeTextFile(
      `${temp.path}/nginx.conf`,
      `daemon off; master_process off; pid ${temp.path}/pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${temp.path}/body;
  proxy_temp_path ${temp.path}/proxy;
  fastcgi_temp_path ${temp.path}/fastcgi;
  uwsgi_temp_path ${temp.path}/uwsgi;
  scgi_temp_path ${temp.path}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${temp.path};
    location = /chunked { gzip on; gzip_proxied any; gzip_types *; gzip_min_length 1; alias ${temp.path}/large; }
    location = /none { return 204; }
    location = /via { return 200 "$http_via|$http_te|$http_x_hop|$http_connection"; }
  }
}
`,
    );
    await using _server = Coax.spawn(["nginx", "-p", temp.path, "-c", `${temp.path}/nginx.conf`]);
    await listens(port);
    await using relay = Coax.start(
      ["relay", "127.0.0.1:0", "http-proxy:", "--allow-target", "127.0.0.1"],
    );
    const at = await relay.address();
    const ask = async (method: string, path: string, fields = "") => {
      using conn = await connectTo(at);
      const request = `${method} http://127.0.0.1:${port}${path} HTTP/1.1\r\nHost: x\r\n`;
      await send(conn, `${request}${fields}\r\n`);
      return await receiveText(conn);
    };
    assert((await ask("GET", "/large")).endsWith(`\r\n\r\n${large}`));
    assertMatch(await ask("HEAD", "/large"), /Content-Length: 200000\r\n[^]*\r\n\r\n$/);
    assertMatch(await ask("GET", "/none"), /^HTTP\/1\.1 204 No Content\r\n[^]*\r\n\r\n$/);
    const chunked = await ask("GET", "/chunked", "Accept-Encoding: gzip\r\n");
    assert(/Transfer-Encoding: chunked\r\n[^]*\r\n0\r\n\r\n$/.test(chunked), chunked.slice(0, 500));
    const hop = "Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nTE: trailers\r\n";
    assertMatch(await ask("GET", "/via", hop), /\r\n\r\n1\.1 coax\|\|\|close$/);
    assertEquals(relay.stderr.match(/^coax: .*/m), null, relay.stderr);
  },
);

const addressOf = (address: string) => address.replace("tcp://", "");

testWith(ncat, "ncat's HTTP proxy takes our login, and refuses a wrong one", async () => {
  await using target = await echo();
  const port = unusedPort();
  const login = "name:secret";
  await using _proxy = Coax.spawn(
    ["ncat", "-l", "--proxy-type", "http", "--proxy-auth", login, "127.0.0.1", `${port}`],
  );
  await listens(port);
  const to = addressOf(target.addresses[0]!);
  const via = ["--via", `http://${login}@127.0.0.1:${port}`];
  // ncat closes a tunnel at the first EOF: the answer has to come before ours.
  const right = await run(["client", to, ...via, "--expect", "hello", "--send", "hello"], {
    stdin: PIPE,
  });
  assertEquals([right.status, right.out], [0, "hello"], right.stderr);
  const wrong = await run(["client", to, "--via", `http://name:no@127.0.0.1:${port}`]);
  assertEquals(wrong.status, 7, wrong.stderr);
  assertStringIncludes(wrong.stderr, "407");
});

/** Waits until something listens on that port. */
async function listens(port: number): Promise<void> {
  await until(async () => {
    try {
      (await Deno.connect({ port })).close();
      return true;
    } catch {
      return false;
    }
  }, `port ${port}`);
}

/** haproxy from one port to another, with these words for its two sides. */
async function haproxyTo(target: number, sides: { bind?: string; server?: string }) {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporary());
  const port = unusedPort();
  const file = `${path}/haproxy.cfg`;
  await Deno.writeTextFile(
    file,
    `defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen it
  bind 127.0.0.1:${port} ${sides.bind ?? ""}
  server target 127.0.0.1:${target} ${sides.server ?? ""}
`,
  );
  stack.use(Coax.spawn(["haproxy", "-q", "-db", "-f", file]));
  await listens(port);
  return { port, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends some bytes to a port; resolves with the answer and the port they were sent from. */
async function ask(
  port: number,
  text = "hello",
): Promise<{ answer: string; from: number }> {
  using conn = await connectTo(`tcp://127.0.0.1:${port}`);
  await send(conn, text);
  await (conn as Deno.TcpConn).closeWrite();
  const { port: from } = conn.localAddr as Deno.NetAddr;
  return { answer: await receiveText(conn), from };
}

for (const word of ["send-proxy", "send-proxy-v2"]) {
  testWith(
    haproxy,
    `--proxy-protocol in believes haproxy's ${word}, and passes it on`,
    async () => {
      await using target = await echo();
      const headers = ["--proxy-protocol", "in", "--proxy-protocol", "v1"];
      await using relay = Coax.start(
        ["relay", "-v", "127.0.0.1:0", target.addresses[0]!, ...headers],
      );
      await using proxy = await haproxyTo(portOf(await relay.address()), { server: word });
      const { answer, from } = await ask(proxy.port);
      assertEquals(answer, `PROXY TCP4 127.0.0.1 127.0.0.1 ${from} ${proxy.port}\r\nhello`);
      await relay.logs(new RegExp(`is 127.0.0.1:${from} in truth`));
    },
  );
}

for (const version of ["v1", "v2"]) {
  testWith(haproxy, `haproxy's accept-proxy believes --proxy-protocol ${version}`, async () => {
    await using target = await echo();
    const to = portOf(target.addresses[0]!);
    await using proxy = await haproxyTo(to, { bind: "accept-proxy", server: "send-proxy" });
    await using relay = Coax.start(
      ["relay", "127.0.0.1:0", `127.0.0.1:${proxy.port}`, "--proxy-protocol", version],
    );
    const port = portOf(await relay.address());
    const { answer, from } = await ask(port);
    assertEquals(answer, `PROXY TCP4 127.0.0.1 127.0.0.1 ${from} ${port}\r\nhello`);
  });
}

testWith(haproxy, "--proxy-protocol in refuses a client that sends no header", async () => {
  await using target = await echo();
  await using relay = Coax.start(
    ["relay", "127.0.0.1:0", target.addresses[0]!, "--proxy-protocol", "in"],
  );
  assertEquals((await ask(portOf(await relay.address()), "GET / HTTP/1.1\r\n\r\n")).answer, "");
  await relay.logs(/^coax: .*PROXY/m);
});
