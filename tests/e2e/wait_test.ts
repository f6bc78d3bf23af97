/** `coax wait`: every transport, missing addresses, and the command that follows. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { Coax, run, shellLine, temporary } from "./coax.ts";
import { exited, fullBacklog, unusedPort } from "./peers.ts";

const QUICK = ["--interval", "20ms"];

for (
  const [kind, listen, args] of [
    ["tcp", "127.0.0.1:0", []],
    ["tls", "tls://127.0.0.1:0", ["--insecure"]],
    ["ws", "ws://127.0.0.1:0/live", []],
    ["unix", "unix:PATH/socket", []],
    ["udp", "udp://127.0.0.1:0", ["--interval", "2s"]],
  ] as [string, string, string[]][]
) {
  Deno.test(`wait exits once a ${kind} address accepts connections`, async () => {
    await using temp = await temporary();
    const certificate = kind === "tls" ? ["--self-signed"] : [];
    await using server = Coax.start(["echo", listen.replace("PATH", temp.path), ...certificate]);
    const { status, out, stderr } = await run(["wait", ...args, await server.address()]);
    assertEquals([status, out], [0, ""], stderr);
  });
}

for (
  const [kind, address, listen] of [
    ["tcp", "127.0.0.1:PORT", "127.0.0.1:PORT"],
    ["unix", "unix:PATH/socket", "unix:PATH/socket"],
    ["udp", "udp://127.0.0.1:PORT", "udp://127.0.0.1:PORT"],
  ] as [string, string, string][]
) {
  Deno.test(`wait goes on until a ${kind} address comes up`, async () => {
    await using temp = await temporary();
    const port = String(unusedPort());
    const placed = (text: string) => text.replace("PORT", port).replace("PATH", temp.path);
    await using waiting = Coax.start(["wait", "-vv", "--interval", "100ms", placed(address)]);
    await waiting.logs(/create a (?:TCP|UDP|Unix) socket|connect unix/);
    assert(waiting.running);
    await using _server = Coax.start(["echo", placed(listen)]);
    const { status, stderr } = await waiting.exit();
    assertEquals(status, 0, stderr);
    assertMatch(stderr, /accepts connections, after [\d.]+ s\n/);
  });
}

Deno.test("a UDP port that takes datagrams and never answers isn't up", async () => {
  await using server = Coax.start(["server", "-k", "udp://127.0.0.1:0"]);
  const address = await server.address();
  const { status, stderr } = await run(["wait", "--timeout", "300ms", ...QUICK, address]);
  assertEquals([status, stderr], [
    5,
    `coax: wait: still missing after 0.3 s: ${address} (no answer)\n`,
  ]);
});

Deno.test("a WebSocket address is up only when the upgrade succeeds", async () => {
  await using server = Coax.start(["echo", "ws://127.0.0.1:0/live"]);
  const other = (await server.address()).replace("/live", "/other");
  const { status, stderr } = await run(["wait", "--timeout", "300ms", ...QUICK, other]);
  assertEquals(status, 5);
  assertMatch(stderr, /still missing after 0\.3 s: ws:\S+\/other \(.*404.*\)\n$/);
});

Deno.test("a TLS address whose certificate isn't good is missing", async () => {
  await using server = Coax.start(["echo", "--self-signed", "tls://127.0.0.1:0"]);
  const address = await server.address();
  const { status, stderr } = await run(["wait", "--timeout", "500ms", ...QUICK, address]);
  assertEquals(status, 5);
  assertMatch(stderr, /still missing after 0\.5 s: tls:\S+ \(.+\)\n$/);
});

Deno.test("a timeout is status 5, names what is missing alone, and runs no command", async () => {
  await using server = Coax.start(["echo", "127.0.0.1:0"]);
  const up = (await server.address()).replace("tcp://", "");
  const first = `127.0.0.1:${unusedPort()}`;
  const args = ["wait", "--timeout", "300ms", ...QUICK, up, first, "unix:/nonexistent/s"];
  const { status, out, stderr } = await run([...args, "--", "echo", "started"]);
  assertEquals([status, out], [5, ""]);
  assertMatch(
    stderr,
    RegExp(`^coax: wait: still missing after 0\\.3 s: ${first} \\(.+\\), unix:/nonexistent/s \\(`),
  );
  assert(!stderr.includes(up));
});

Deno.test("an address whose first attempt hangs has given no answer yet", async () => {
  using full = await fullBacklog();
  const { status, stderr } = await run(["wait", "--timeout", "300ms", full.address]);
  const line = `coax: wait: still missing after 0.3 s: ${full.address} (no answer yet)\n`;
  assertEquals([status, stderr], [5, line]);
});

Deno.test("a proxy that can't be reached is named, and not only the address behind it", async () => {
  const via = `socks5://127.0.0.1:${unusedPort()}`;
  const args = ["wait", "--timeout", "300ms", ...QUICK, "--via", via, "127.0.0.1:1"];
  const { status, stderr } = await run(args);
  const why = `proxy ${via}: connection refused (for 127.0.0.1:1)`;
  const line = `coax: wait: still missing after 0.3 s: 127.0.0.1:1 (${why})\n`;
  assertEquals([status, stderr], [5, line]);
});

Deno.test("the JSON of a timeout has no address that is empty", async () => {
  const args = ["wait", "--timeout", "50ms", "--log-format", "json", "unix:/nonexistent/s"];
  const event = JSON.parse((await run(args)).stderr);
  assertEquals([event.status, "address" in event], [5, false]);
});

Deno.test("wait exits with the status of its command, which has its stdin and stdout", async () => {
  await using server = Coax.start(["echo", "127.0.0.1:0"]);
  const args = ["wait", await server.address(), "--", "sh", "-c", "cat; exit 7"];
  const { status, out, stderr } = await run(args, { stdin: "through" });
  assertEquals([status, out, stderr], [7, "through", ""]);
});

Deno.test("a command that doesn't exist is status 4", async () => {
  await using server = Coax.start(["echo", "127.0.0.1:0"]);
  const { status, stderr } = await run(["wait", await server.address(), "--", "/nonexistent/it"]);
  assertEquals([status, stderr], [4, "coax: run /nonexistent/it: command not found\n"]);
});

for (const [signal, number] of [["SIGTERM", 15], ["SIGINT", 2]] as const) {
  Deno.test(`${signal} is passed on to the command`, async () => {
    await using server = Coax.start(["echo", "127.0.0.1:0"]);
    const line = `trap 'echo caught; exit 3' ${
      signal.slice(3)
    }; echo $$; while :; do sleep 0.01; done`;
    await using waiting = Coax.start(["wait", await server.address(), "--", "sh", "-c", line]);
    const [, pid] = await waiting.prints(/^(\d+)\n/);
    waiting.signal(signal);
    const { status, out } = await waiting.exit();
    assertEquals([status, out], [3, `${pid}\ncaught\n`]);
    await exited(Number(pid));
  });

  Deno.test(`a second ${signal} kills the command that ignores the first`, async () => {
    await using server = Coax.start(["echo", "127.0.0.1:0"]);
    const line = `trap 'echo caught' ${signal.slice(3)}; echo $$; while :; do sleep 0.01; done`;
    await using waiting = Coax.start(["wait", await server.address(), "--", "sh", "-c", line]);
    const [, pid] = await waiting.prints(/^(\d+)\n/);
    waiting.signal(signal);
    await waiting.prints(/caught/);
    waiting.signal(signal);
    assertEquals((await waiting.exit()).status, 128 + number);
    await exited(Number(pid));
  });

  Deno.test(`${signal} ends a wait with ${128 + number}`, async () => {
    await using waiting = Coax.start(["wait", "-v", `127.0.0.1:${unusedPort()}`]);
    await waiting.logs(/connect/);
    waiting.signal(signal);
    assertEquals((await waiting.exit()).status, 128 + number);
  });
}

const script = {
  name: "script (util-linux)",
  available: available("script", ["--version"], /util-linux/),
};

testWith(script, "on a terminal, wait shows what is missing, and then nothing of it", async () => {
  const address = `127.0.0.1:${unusedPort()}`;
  const line = `stty columns 200; ${shellLine(["wait", ...QUICK, address, "--", "echo", "up"])}`;
  await using waiting = Coax.spawn(["script", "-qec", line, "/dev/null"]);
  await waiting.prints(RegExp(`\\r\\x1b\\[Kwaiting for ${address} \\(.+\\), \\d+ s`));
  await using _server = Coax.start(["echo", address]);
  const { status, out } = await waiting.exit();
  assertEquals(status, 0);
  assertMatch(out, /\r\x1b\[Kup\r\n$/);
  assertEquals(out.split("\n").length, 2, JSON.stringify(out));
});

Deno.test("wait warns of --insecure once, however often it tries", async () => {
  const address = `tls://127.0.0.1:${unusedPort()}`;
  const { status, stderr } = await run(
    ["wait", ...QUICK, "--insecure", "--timeout", "1s", "-v", address],
  );
  assertEquals(status, 5, stderr);
  assert(stderr.split("connection refused").length > 3, stderr);
  assertEquals(stderr.split("--insecure: ").length, 2, stderr);
});
