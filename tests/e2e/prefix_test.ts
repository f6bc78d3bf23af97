/** `--prefix`: output is shown with its peer's name, however the connection or the program ends. */
import { assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Channel } from "../../src/core/duplex.ts";
import { libc } from "../../src/transports/libc.ts";
import { dial } from "../../src/transports/mod.ts";
import { encode } from "../support/connections.ts";
import { DIALING } from "../support/options.ts";
import { CLOSED, Coax, PIPE } from "./coax.ts";
import { connectTo, listenHere, send } from "./peers.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

const HELD = /^\[127\.0\.0\.1:\d+\] whole\n\[127\.0\.0\.1:\d+\] held\n$/;

/** A server's options, what happens after `whole\nheld`, and its status, if it exits. */
const ENDS: [name: string, args: string[], then: (server: Coax) => void, status?: number][] = [
  ["--idle-timeout", ["--idle-timeout", "50ms"], () => {}, 5],
  ["--idle-timeout of one of many", ["-k", "--idle-timeout", "50ms"], () => {}],
  ["SIGTERM and --grace", ["--grace", "10ms"], (server) => server.signal("SIGTERM"), 0],
  ["the same with many", ["-k", "--grace", "10ms"], (server) => server.signal("SIGTERM"), 0],
  ["--expect", ["--expect", "held"], () => {}, 0],
  ["--expect that isn't met", ["--expect", "never", "--within", "1s"], () => {}, 9],
];

for (const [name, args, then, status] of ENDS) {
  Deno.test(`server --prefix shows the rest of a line at the end by ${name}`, async () => {
    await using server = Coax.start(["server", "--prefix", ...args, "127.0.0.1:0"], {
      stdin: PIPE,
    });
    using conn = await connectTo(await server.address());
    await send(conn, "whole\nheld");
    await server.prints(/whole\n/);
    then(server);
    await server.prints(HELD);
    if (status === undefined) return;
    const exit = await server.exit();
    assertEquals(exit.status, status, exit.stderr);
    assertMatch(exit.out, HELD);
  });
}

for (const [name, args, then] of ENDS.filter(([, , , status]) => status === 0)) {
  Deno.test(`server --prefix fails where the rest of a line can't be shown, at ${name}`, async () => {
    await using server = Coax.start(["server", "-v", "--prefix", ...args, "127.0.0.1:0"], {
      stdin: PIPE,
      stdout: "/dev/full",
    });
    using conn = await connectTo(await server.address());
    await send(conn, "held");
    await server.logs(/receive: first byte/);
    then(server);
    const { status, stderr } = await server.exit();
    assertMatch(stderr, /^coax: write stdout: no space left on device$/m);
    assertEquals(status, 10);
  });
}

Deno.test("server --prefix shows the rest of a line from a peer that resets", async () => {
  const args = ["server", "--prefix", "--send", "unread", "127.0.0.1:0"];
  await using server = Coax.start(args, { stdin: PIPE });
  const port = (await server.address()).split(":").at(-1);
  const line =
    `exec 3<>/dev/tcp/127.0.0.1/${port}; read -rN1 <&3; printf 'whole\\nheld' >&3; read -r`;
  await using peer = Coax.spawn(["bash", "-c", line], { stdin: PIPE });
  await server.prints(/whole\n/);
  await peer.end();
  const exit = await server.exit();
  assertEquals(exit.status, 1, exit.stderr);
  assertMatch(exit.out, HELD);
});

Deno.test("client --prefix shows the rest of a line at SIGTERM, and at its peer's EOF", async () => {
  for (const signal of ["SIGTERM", undefined] as const) {
    using peer = listenHere();
    await using client = Coax.start(["client", "--prefix", peer.address], {
      stdin: signal ? PIPE : CLOSED,
    });
    using conn = await peer.accept();
    await send(conn, "whole\nheld");
    await client.prints(/whole\n/);
    if (signal) client.signal(signal);
    else await conn.closeWrite();
    const exit = await client.exit();
    assertEquals(exit.status, signal ? 143 : 0, exit.stderr);
    assertMatch(exit.out, HELD);
  }
});

Deno.test("--prefix shows a piece without a newline while its connection is open", async () => {
  await using server = Coax.start(["server", "-k", "--prefix", "127.0.0.1:0"], { stdin: PIPE });
  const address = await server.address();
  using one = await connectTo(address);
  await send(one, "login: ");
  await server.prints(/^\[127\.0\.0\.1:\d+\] login: $/);
  using other = await connectTo(address);
  await send(other, "other\n");
  await server.prints(/\] login: \n\[127\.0\.0\.1:\d+\] other\n$/);
  await send(one, "me\n");
  await server.prints(/\] other\n\[127\.0\.0\.1:\d+\] me\n$/);
});

Deno.test("--prefix shows messages at once, with a newline of their own: UDP and WebSocket", async () => {
  const args = ["server", "-k", "--recv-only", "--prefix"];
  for (const where of ["udp://127.0.0.1:0", "ws://127.0.0.1:0"]) {
    for (const binary of where.startsWith("ws") ? [[], ["--binary"]] : [[]]) {
      await using server = Coax.start([...args, ...binary, where], { stdin: PIPE });
      const address = parseAddress(await server.address());
      const peer = await dial(address, DIALING) as Channel;
      const type = where.startsWith("ws") ? { text: binary.length === 0 } : {};
      for (const text of ["hello", "", "two\nlines", "café"]) {
        await peer.send({ data: encode(text), ...type });
      }
      const shown = ["hello", "", "two", "lines", "café"].map((line) => `\\[[^\\]]+\\] ${line}\n`);
      await server.prints(new RegExp(`^${shown.join("")}$`));
      peer.close();
      await peer.closed;
    }
  }
});
