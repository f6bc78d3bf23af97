/** `--bind`: our own address when connecting. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { Coax, run } from "./coax.ts";
import {
  fullBacklog,
  listenHere,
  randomBytes,
  receive,
  send,
  sha256,
  unusedPort,
} from "./peers.ts";

/** A relay from this address that tells each peer what its address is, then echoes. */
const teller = (from: string, ...args: string[]) =>
  Coax.start(["relay", from, "sh:echo $COAX_PEER; cat", ...args]);

const CASES: [name: string, from: string, listening: string[], args: string[]][] = [
  ["tcp", "127.0.0.1:0", [], []],
  ["tls without verification", "tls://127.0.0.1:0", ["--self-signed"], ["--insecure"]],
  ["a pinned tls", "tls://127.0.0.1:0", ["--self-signed"], ["--pin", "PIN"]],
  ["ws", "ws://127.0.0.1:0", [], ["--binary"]],
  ["wss", "wss://127.0.0.1:0", ["--self-signed"], ["--pin", "PIN", "--binary"]],
  ["udp", "udp://127.0.0.1:0", [], []],
];

for (const [name, from, listening, args] of CASES) {
  for (const bind of ["127.0.0.9", "127.0.0.9:PORT", ":PORT"]) {
    Deno.test(`--bind ${bind} is where a client over ${name} connects from`, async () => {
      await using server = teller(from, ...listening);
      const address = await server.address();
      const [pin = ""] = /sha256:\w+/.exec(server.stderr) ?? [];
      const port = unusedPort();
      const words = args.map((word) => word.replace("PIN", pin));
      const given = bind.replace("PORT", `${port}`);
      const exit = await run(["client", "-v", address, "--bind", given, ...words], {
        stdin: "hello",
      });
      assertEquals(exit.status, 0, exit.stderr);
      const host = bind.startsWith(":") ? "127.0.0.1" : "127.0.0.9";
      const own = bind.includes("PORT") ? `${port}` : "\\d+";
      assertMatch(exit.out, RegExp(`^${host}:${own}\nhello$`), exit.stderr);
      assert(exit.stderr.includes("bind "), exit.stderr);
    });
  }
}

Deno.test("--bind ::1 connects over IPv6 alone, and a name to where it has the family", async () => {
  await using server = teller("0");
  const port = (await server.address()).split(":").at(-1)!;
  for (
    const [bind, host] of [["::1", "\\[::1\\]"], ["[::1]:0", "\\[::1\\]"], [
      "127.0.0.7",
      "127.0.0.7",
    ]]
  ) {
    const { status, out, stderr } = await run(["client", "--bind", bind!, `localhost:${port}`]);
    assertEquals(status, 0, stderr);
    assertMatch(out, RegExp(`^${host}:\\d+\n$`));
  }
  const named = await run(["client", "--bind", "localhost", `127.0.0.1:${port}`]);
  assertMatch(named.out, /^127\.0\.0\.1:\d+\n$/, named.stderr);
});

Deno.test("--bind with --via is where the first proxy is connected from", async () => {
  await using target = teller("127.0.0.1:0");
  const open = ["--allow-target", "127.0.0.0/8", "-v"];
  await using first = Coax.start(["relay", "127.0.0.1:0", "socks5:", ...open]);
  await using second = Coax.start(["relay", "127.0.0.1:0", "http-proxy:", ...open]);
  const at = async (proxy: Coax) => (await proxy.address()).replace("tcp://", "");
  const via = ["--via", `socks5://${await at(first)}`, "--via", `http://${await at(second)}`];
  const { status, out, stderr } = await run(
    ["client", "--bind", "127.0.0.9", ...via, await target.address()],
    { stdin: "x" },
  );
  assertEquals(status, 0, stderr);
  assertMatch(out, /^127\.0\.0\.1:\d+\nx$/);
  await first.logs(/127\.0\.0\.9:\d+/);
  assert(!second.stderr.includes("127.0.0.9"), second.stderr);
});

Deno.test("relay, wait, bench and replay connect from there, too", async () => {
  await using echo = Coax.start(["echo", "-v", "127.0.0.1:0"]);
  const address = await echo.address();
  const bind = (host: string) => ["--bind", host];
  await using relay = Coax.start(["relay", ...bind("127.0.0.11"), "127.0.0.1:0", address]);
  assertEquals((await run(["client", await relay.address()], { stdin: "x" })).out, "x");
  assertEquals((await run(["wait", ...bind("127.0.0.12"), address])).status, 0);
  const bench = ["bench", "--mode", "connect", "--duration", "100ms", ...bind("127.0.0.13")];
  assertEquals((await run([...bench, address])).status, 0);
  const file = await Deno.makeTempFile();
  try {
    const record = ["--record", file, "--force"];
    await run(["client", ...record, address], { stdin: "x" });
    assertEquals((await run(["replay", file, address, ...bind("127.0.0.14")])).status, 0);
  } finally {
    await Deno.remove(file);
  }
  for (const last of [11, 12, 13, 14]) await echo.logs(RegExp(`127\\.0\\.0\\.${last}:\\d+`));
});

const REFUSED: [name: string, bind: string, target: string, status: number, line: RegExp][] = [
  [
    "no address of this machine",
    "192.0.2.1",
    "127.0.0.1:9",
    4,
    /bind 192\.0\.2\.1: not an address of this machine/,
  ],
  [
    "no address for UDP",
    "192.0.2.1",
    "udp://127.0.0.1:9",
    4,
    /bind 192\.0\.2\.1: not an address of this/,
  ],
  ["the other family", "::1", "127.0.0.1:9", 4, /::1 is IPv6, and there is only IPv4/],
  [
    "the other family for UDP",
    "127.0.0.1",
    "udp://[::1]:9",
    4,
    /127\.0\.0\.1 is IPv4, and there is only/,
  ],
  [
    "a port that is listened on",
    "127.0.0.1:USED",
    "127.0.0.1:9",
    4,
    /bind 127\.0\.0\.1:\d+: address in use/,
  ],
  [
    "a UDP port in use",
    "127.0.0.1:UDP",
    "udp://127.0.0.1:9",
    4,
    /bind 127\.0\.0\.1:\d+: address in use/,
  ],
  [
    "nobody listening",
    "127.0.0.9",
    "127.0.0.1:FREE",
    4,
    /connect 127\.0\.0\.1:\d+: connection refused/,
  ],
  [
    "loopback to elsewhere",
    "127.0.0.9",
    "192.0.2.1:9",
    4,
    /can't be reached from|unreachable|no route/,
  ],
  ["an unknown name", "nowhere.invalid", "127.0.0.1:9", 3, /nowhere\.invalid|no address/],
];

for (const [name, bind, target, status, line] of REFUSED) {
  Deno.test(`--bind with ${name} is status ${status}, and one line says why`, async () => {
    using used = listenHere();
    const datagrams = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const placed = (text: string) =>
      text.replace("127.0.0.1:USED", used.address)
        .replace("UDP", String((datagrams.addr as Deno.NetAddr).port))
        .replace("FREE", String(unusedPort()));
    const { status: got, out, stderr } = await run([
      "client",
      "--bind",
      placed(bind),
      placed(target),
    ]);
    datagrams.close();
    assertEquals([got, out], [status, ""], stderr);
    assertMatch(stderr, line);
    assertMatch(stderr, /^coax: [^\n]+\n$/);
  });
}

for (
  const bad of [
    "",
    "5000",
    "1.2.3",
    "300.1.1.1",
    "h:70000",
    "h:",
    ":0",
    "[::1",
    "[x]:1",
    "a b",
    "u@h",
    "tcp://h",
    "h:1:2",
    "*",
  ]
) {
  Deno.test(`--bind "${bad}" is a usage error that says what was expected`, async () => {
    const { status, stderr } = await run(["client", `--bind=${bad}`, "127.0.0.1:9"]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /^coax: --bind.*: expected .*\n/);
  });
}

for (const target of ["unix:/run/x", "exec:cat", "-", "ws+unix:/run/x"]) {
  Deno.test(`--bind can do nothing for ${target}`, async () => {
    const { status, stderr } = await run(["client", "--bind", "127.0.0.1", target]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /^coax: --bind: .*expected tcp:\/\/, tls/);
  });
}

Deno.test("--bind keeps what a connection has: 8 MiB each way, half-close, equal digests", async () => {
  using peer = listenHere();
  const data = randomBytes(8 << 20);
  await using client = Coax.start(["client", "--bind", "127.0.0.9", peer.address], { stdin: data });
  using conn = await peer.accept();
  assertEquals((conn.remoteAddr as Deno.NetAddr).hostname, "127.0.0.9");
  const got = await receive(conn); // Up to the FIN: nothing was sent back yet.
  assertEquals(await sha256(got), await sha256(data));
  await send(conn, got);
  await conn.closeWrite();
  const exit = await client.exit();
  assertEquals([exit.status, await sha256(exit.stdout)], [0, await sha256(data)]);
});

Deno.test("--bind keeps --connect-timeout and --retry", async () => {
  using full = await fullBacklog();
  const timed = await run([
    "client",
    "--bind",
    "127.0.0.9",
    "--connect-timeout",
    "200ms",
    full.address,
  ]);
  assertEquals([timed.status, timed.stderr], [
    5,
    `coax: connect ${full.address}: timed out after 200 ms\n`,
  ]);
  const port = unusedPort();
  const args = ["client", "--bind", "127.0.0.1", "--retry", "forever", "--retry-delay", "10ms"];
  await using client = Coax.start([...args, `127.0.0.1:${port}`], { stdin: "x" });
  await client.logs(/connection refused; trying again/);
  await using _echo = Coax.start(["echo", `127.0.0.1:${port}`]);
  assertEquals((await client.exit()).out, "x");
});

Deno.test("a thousand connections from one address leave no descriptor behind", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const bind = ["--bind", "127.0.0.9"];
  await using relay = Coax.start(["relay", ...bind, "127.0.0.1:0", await echo.address()]);
  const address = new URL((await relay.address()).replace("tcp:", "http:"));
  const descriptors = () => [...Deno.readDirSync(`/proc/${relay.pid}/fd`)].length;
  const exchange = async () => {
    using conn = await Deno.connect({ hostname: address.hostname, port: +address.port });
    await send(conn, "ping");
    await conn.closeWrite();
    assertEquals((await receive(conn)).length, 4);
  };
  await exchange();
  const before = descriptors();
  for (let round = 0; round < 50; round++) await Promise.all(Array.from({ length: 20 }, exchange));
  const end = performance.now() + 10_000;
  while (descriptors() > before && performance.now() < end) {
    await new Promise((r) => setTimeout(r, 20));
  }
  assert(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
});

const ncat = { name: "ncat", available: available("ncat", ["--version"], /Ncat/) };

testWith(ncat, "ncat sees --bind as the address that it is connected from", async () => {
  const port = unusedPort();
  await using peer = Coax.spawn(["ncat", "-v", "-n", "-l", "127.0.0.1", `${port}`]);
  await peer.logs(/Listening on 127/);
  const client = run(["client", "--bind", "127.0.0.9:0", `127.0.0.1:${port}`], { stdin: "x" });
  await peer.logs(/Connection from 127\.0\.0\.9/);
  await peer.end();
  assertEquals((await client).status, 0);
});
