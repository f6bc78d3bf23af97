/** `bench`: numbers from an echo over any transport, and status 9 for wrong or lost bytes. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { UdpPeer } from "../support/udp.ts";
import { Coax, run, shellLine, temporary } from "./coax.ts";
import { listenHere, send, soon, unusedPort } from "./peers.ts";

const SHORT = ["--duration", "150ms"];
const JSON_FORMAT = ["--log-format", "json"];

/** The one object on stdout. */
function numbersOf(out: string): Record<string, Record<string, number>> {
  assertMatch(out, /^\{.*\}\n$/, "one line");
  return JSON.parse(out);
}

const KEYS: Record<string, string[]> = {
  stream: ["bytes_per_second"],
  rtt: ["p50", "p90", "p99", "p99.9", "max"],
  connect: ["per_second"],
};

for (const kind of ["tcp", "unix", "udp"]) {
  Deno.test(`bench measures an echo over ${kind}, in one object`, async () => {
    await using temp = await temporary();
    const where = { tcp: "127.0.0.1:0", unix: `unix:${temp.path}/s`, udp: "udp://127.0.0.1:0" };
    await using echo = Coax.start(["echo", where[kind as keyof typeof where]]);
    const address = await echo.address();
    const { status, out, stderr } = await run(["bench", address, ...SHORT, ...JSON_FORMAT]);
    assertEquals([status, stderr], [0, ""]);
    const numbers = numbersOf(out);
    assertEquals(Object.keys(numbers), Object.keys(KEYS));
    for (const [mode, keys] of Object.entries(KEYS)) {
      assertEquals(Object.keys(numbers[mode]!), keys);
      for (const key of keys) assert(numbers[mode]![key]! > 0, `${mode} ${key}`);
    }
    const { p50, p90, p99, "p99.9": p999, max } = numbers.rtt as Record<string, number>;
    assertEquals([p50, p90, p99, p999, max].toSorted((a, b) => a! - b!), [
      p50,
      p90,
      p99,
      p999,
      max,
    ]);
  });
}

Deno.test("bench measures a command that echoes, with several at once", async () => {
  const args = ["bench", "exec:cat", "--connections", "2", ...SHORT];
  const { status, out, stderr } = await run(args);
  assertEquals([status, stderr], [0, ""]);
  assertMatch(out, /^stream .*B\/s\n.* over 2 connections\nrtt .* µs\n[^]*#\nconnect .*\/s\n.*\n$/);
});

for (const scheme of ["tcp", "udp", "ws"]) {
  Deno.test(`bench tells messages of any size apart over ${scheme}`, async () => {
    await using echo = Coax.start(["echo", `${scheme}://127.0.0.1:0`]);
    const address = await echo.address();
    for (const size of ["1", "2", "3", "4", "5"]) {
      const args = ["bench", address, "--mode", "stream", "--size", size, "--duration", "300ms"];
      const { status, stderr } = await run(args);
      assertEquals(status, 0, `${size}: ${stderr}`);
    }
  });
}

Deno.test("only the mode that ran is in the object, and any size will do", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const address = await echo.address();
  for (const [mode, size] of [["stream", "3MB"], ["rtt", "1"], ["connect", "100k"]]) {
    const args = ["bench", address, "--mode", mode!, "--size", size!, ...SHORT, ...JSON_FORMAT];
    const { status, out } = await run(args);
    assertEquals(status, 0);
    assertEquals(Object.keys(numbersOf(out)), [mode]);
  }
});

/** Serves every connection with an echo that changes its `n`th piece, counted from 1. */
function faultyEcho(change: (piece: Uint8Array, n: number) => Uint8Array) {
  const peer = listenHere();
  const handle = async (conn: Deno.TcpConn) => {
    using _ = conn;
    const buffer = new Uint8Array(64 * 1024);
    for (let n = 1;; n++) {
      const count = await conn.read(buffer);
      if (count === null) return;
      await send(conn, change(buffer.subarray(0, count), n));
    }
  };
  const serving = peer.accept().then(handle);
  return { address: peer.address, serving: serving.catch(() => {}), peer };
}

const flipped = (piece: Uint8Array) => {
  piece[piece.length - 1]! ^= 1;
  return piece;
};

for (const mode of ["stream", "rtt", "connect"]) {
  Deno.test(`a wrong byte ends bench ${mode} with 9`, async () => {
    const { address, serving, peer } = faultyEcho((piece, n) =>
      mode === "connect" || n === 5 ? flipped(piece) : piece
    );
    using _ = peer;
    const { status, out, stderr } = await run(["bench", address, "--mode", mode, ...JSON_FORMAT]);
    assertEquals([status, out], [9, ""]);
    assertMatch(JSON.parse(stderr).message, /0x[\da-f]{2} instead of 0x[\da-f]{2} at byte \d+$/);
    await soon(serving, "the echo's end");
  });
}

Deno.test("lost bytes end bench with 9, also the last ones", async () => {
  for (const lostFrom of [5, 1]) {
    const { address, serving, peer } = faultyEcho((piece, n) =>
      n === lostFrom || lostFrom === 1 ? new Uint8Array() : piece
    );
    using _ = peer;
    const { status, out, stderr } = await run(["bench", address, "--mode", "stream", ...SHORT]);
    assertEquals([status, out], [9, ""]);
    assertMatch(stderr, /^coax: bench 127\.0\.0\.1:\d+: .*(instead of|did not come back).*\n$/);
    await soon(serving, "the echo's end");
  }
});

Deno.test("lost datagrams end bench with 9, after the numbers", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for (let n = 1;; n++) {
      const [data, client] = await socket.receive();
      if (n % 10 > 0) await socket.send(data, client);
    }
  })().catch(() => {});
  const address = `udp://127.0.0.1:${(socket.addr as Deno.NetAddr).port}`;
  const { status, out, stderr } = await run(["bench", address, "--mode", "stream", ...SHORT]);
  socket.close();
  await serving;
  assertEquals(status, 9, stderr);
  assertMatch(out, /^stream .*B\/s\n/);
  assertMatch(stderr, /^coax: bench udp:.*: stream: of \d+ datagrams, \d+ lost\n$/);
});

Deno.test("bench doesn't wait for ever where nothing comes back", async () => {
  using peer = listenHere();
  const accepting = peer.accept();
  const timed = ["--idle-timeout", "300ms", "--mode", "rtt"];
  const silent = await run(["bench", peer.address, ...timed]);
  assertEquals(silent.status, 5);
  assertMatch(silent.stderr, /idle 127\.0\.0\.1:\d+: no byte for 0\.3 s/);
  (await accepting).close();

  using notReading = new UdpPeer();
  const unread = await run(["bench", `udp://127.0.0.1:${notReading.port}`, ...SHORT]);
  assertEquals([unread.status, unread.out], [9, ""]);
  assertMatch(unread.stderr, /nothing came back/);
});

Deno.test("a peer that isn't an echo is reported as that", async () => {
  await using greeter = Coax.start(["server", "127.0.0.1:0"], { stdin: "220 welcome\r\n" });
  const { status, stderr } = await run(["bench", await greeter.address(), ...SHORT]);
  assertEquals(status, 9);
  assertMatch(stderr, /bench 127\.0\.0\.1:\d+: /);
});

Deno.test("bench fails as a client does where nobody listens", async () => {
  const { status, stderr } = await run(["bench", `127.0.0.1:${unusedPort()}`]);
  assertEquals(status, 4);
  assertMatch(stderr, /connection refused/);
});

Deno.test("bench names what can't be measured", async () => {
  for (
    const [args, message] of [
      [["-"], /"-": can't be measured/],
      [["7", "--mode", "all"], /--mode all: expected one of stream, rtt, connect/],
      [["7", "--size", "0"], /--size 0: expected 1 to/],
      [["udp://7", "--size", "65508"], /--size 65508: expected 1 to 65507/],
      [["unixgram:x", "--size", "1048577"], /--size 1048577: expected 1 to 1048576/],
      [["ws://7", "--size", "17MiB"], /--size 17825792: expected 1 to 16777216/],
      [["ws://7", "--max-message", "1k", "--size", "1001"], /--size 1001: expected 1 to 1000/],
      [["7", "--duration", "0s"], /--duration 0s: expected more/],
    ] as const
  ) {
    const { status, stderr } = await run(["bench", ...args]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, message);
  }
});

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} ends bench at once with ${expected}`, async () => {
    await using echo = Coax.start(["echo", "-v", "127.0.0.1:0"]);
    await using bench = Coax.start(["bench", await echo.address()]);
    await echo.logs(/first byte/);
    bench.signal(signal);
    const { status, out } = await bench.exit();
    assertEquals([status, out], [expected, ""]);
  });
}

const script = {
  name: "script (util-linux)",
  available: available("script", ["--version"], /util-linux/),
};

testWith(script, "progress is a line of its own on a terminal, and gone at the end", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const args = ["bench", await echo.address(), "--mode", "rtt", "--duration", "500ms"];
  const line = `stty cols 50; ${shellLine(args)}`;
  await using bench = Coax.spawn(["script", "-qec", line, "/dev/null"]);
  const { status, out } = await bench.exit();
  assertEquals(status, 0, out);
  assertMatch(out, /\r\x1b\[Krtt {2}0\.\d of 0\.5 s {2}[\d,]+ exchanges\/s\r\x1b\[K/);
  const bars = out.split("\r\n").filter((row) => row.endsWith("#"));
  assertEquals(Math.max(...bars.map((row) => row.length)), 50);
});
