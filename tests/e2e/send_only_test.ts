/** `--send-only`: arriving bytes are dropped, and no peer can prolong the connection. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Connection } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { dial } from "../../src/transports/mod.ts";
import { authority } from "../support/certificates.ts";
import { decode, encode } from "../support/connections.ts";
import { DIALING } from "../support/options.ts";
import { bind } from "../support/transports.ts";
import { soon } from "../support/wait.ts";
import { Coax, run, temporary } from "./coax.ts";

const trusted = await authority();

const TRANSPORTS = {
  tcp: "127.0.0.1:0",
  unix: "unix:PATH/socket",
  tls: "tls://127.0.0.1:0",
  ws: "ws://127.0.0.1:0",
  wss: "wss://127.0.0.1:0",
  udp: "udp://127.0.0.1:0",
};
const isSecure = (transport: string) => transport === "tls" || transport === "wss";

/** What a peer does until its connection is closed. */
const PEERS = {
  "is silent": async (connection: Connection) => void await receiveAll(connection),
  "keeps talking": async (connection: Connection) => {
    const reading = receiveAll(connection);
    try {
      for (;;) {
        await send(connection, "and another thing ".repeat(500));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } catch {
      await reading; // The connection is closed.
    }
  },
  "ends too": async (connection: Connection) => {
    await send(connection, "bye");
    await connection.closeWrite();
    await receiveAll(connection, connection.halfClose ? Infinity : 1);
    connection.close();
  },
};

const received = new WeakMap<Connection, string>();

async function send(connection: Connection, text: string): Promise<void> {
  if (connection.framing === "stream") await connection.write(encode(text));
  else await connection.send({ data: encode(text), text: true });
}

/** Appends what arrives to `received`, until EOF or for `most` pieces. */
async function receiveAll(connection: Connection, most = Infinity): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let piece = 0; piece < most; piece++) {
    const more = await (connection.framing === "stream"
      ? connection.read(buffer).then((count) =>
        count === null ? null : decode(buffer.subarray(0, count))
      )
      : connection.receive().then((message) =>
        message && decode(message.data)
      ))
      .catch(() => null);
    if (more === null) return;
    received.set(connection, (received.get(connection) ?? "") + more);
  }
}

/** `--linger` in these tests, milliseconds. */
const LINGER = 300;
const ARGS = ["--send-only", "--linger", `${LINGER}ms`];

for (const [transport, at] of Object.entries(TRANSPORTS)) {
  for (const [manner, behave] of Object.entries(PEERS)) {
    if (transport === "udp" && manner === "ends too") continue; // UDP has no EOF.
    Deno.test(`--send-only over ${transport} exits with 0 when its peer ${manner}, as client and as server`, async () => {
      await using temp = await temporary();
      const { path } = temp;
      const identity = await trusted.issue();
      for (const [name, pem] of Object.entries({ ...identity, ca: trusted.pem })) {
        await Deno.writeTextFile(`${path}/${name}`, pem);
      }

      const [listener] = await bind(at.replace("PATH", path), { tls: { identity } });
      const ca = isSecure(transport) ? ["--ca", `${path}/ca`] : [];
      const address = listener!.addresses[0]!;
      await using client = Coax.start(["client", ...ARGS, ...ca, address], { stdin: "message" });
      const incoming = await soon(listener!.accept(), "accept");
      listener!.close();
      const accepted = await incoming!.open(new AbortController().signal, silent);
      await check(client, accepted, behave);

      const pair = isSecure(transport) ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
      const server = ["server", ...ARGS, ...pair, at.replace("PATH", path)];
      await using reading = Coax.start(server, { stdin: "message" });
      const visitor = await dial(parseAddress(await reading.address()), {
        ...DIALING,
        tls: { ca: [trusted.pem] },
      });
      if (transport === "udp") await send(visitor, "here I am");
      await check(reading, visitor, behave);
    });
  }
}

async function check(
  coax: Coax,
  connection: Connection,
  behave: (connection: Connection) => Promise<void>,
): Promise<void> {
  const behaving = behave(connection);
  const { status, out, stderr } = await coax.exit();
  connection.close();
  await soon(behaving.catch(() => {}), "the peer");
  await soon(connection.closed.catch(() => {}), "closed");
  assertEquals([status, out, received.get(connection)], [0, "", "message"], stderr);
  assertEquals(stderr.replace(/^listening on .*\n/gm, ""), "");
}

Deno.test("--send-only waits 1 s after its EOF by default, and for all of stdin before", async () => {
  const [listener] = await bind("127.0.0.1:0");
  await using client = Coax.start(["client", "--send-only", listener!.addresses[0]!], {
    stdin: { kind: "pipe" },
  });
  const incoming = await soon(listener!.accept(), "accept");
  listener!.close();
  const connection = await incoming!.open(new AbortController().signal, silent);
  await send(connection, "dropped");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert(client.running);
  await client.write("message");
  const receiving = receiveAll(connection);
  await client.end();
  await soon(receiving, "its end");
  const ended = performance.now();
  assertEquals([(await client.exit()).status, received.get(connection)], [0, "message"]);
  assert(performance.now() - ended > 800);
  connection.close();
});

Deno.test("server -k --send-only closes each visitor in its time, also one that connects after stdin's EOF", async () => {
  await using server = Coax.start(["server", "-k", "-v", ...ARGS, "127.0.0.1:0"], {
    stdin: "once",
  });
  const address = parseAddress(await server.address());
  for (const expected of ["once", undefined]) {
    const connection = await dial(address, DIALING);
    const behaving = PEERS["keeps talking"](connection);
    await server.logs(new RegExp(`(close 127[^]*){${expected ? 1 : 2}}`));
    connection.close();
    await behaving;
    assertEquals(received.get(connection), expected);
  }
});

Deno.test("a command that --send-only has to stop is logged, one that exits by itself isn't", async () => {
  const stopped = await run(["client", ...ARGS, "exec:sleep 30"], { stdin: "x" });
  assertEquals(stopped.status, 0);
  assertMatch(stopped.stderr, /^exec:sleep 30: still running 0\.3 s after our end: ended/);
  const done = await run(["client", ...ARGS, "exec:cat"], { stdin: "x" });
  assertEquals([done.status, done.out, done.stderr], [0, "", ""]);
});

const MESSAGE = "message ".repeat(250_000);

/**
 * A client that has closed its write side, and a peer that sends all the time from then on, and
 * reads a piece after each pause.
 */
async function talkingPeer(linger: string, pause: number) {
  const [listener] = await bind("127.0.0.1:0");
  const args = ["client", "--send-only", "-v", "--linger", linger, listener!.addresses[0]!];
  await using client = Coax.start(args, { stdin: MESSAGE });
  const incoming = await soon(listener!.accept(), "accept");
  listener!.close();
  const connection = await incoming!.open(new AbortController().signal, silent);
  await client.logs(/we are done sending/);
  const talking = (async () => {
    for (;;) await send(connection, "and another thing ".repeat(500));
  })().catch(() => {});
  do await new Promise((resolve) => setTimeout(resolve, pause)); while (
    client.running && await receivesMore(connection)
  );
  await receiveAll(connection);
  const { status, stderr } = await client.exit();
  connection.close();
  await soon(talking, "the peer");
  return { status, stderr, whole: received.get(connection) === MESSAGE };
}

/** Reads one more piece; false at the end. */
async function receivesMore(connection: Connection): Promise<boolean> {
  const before = received.get(connection);
  await receiveAll(connection, 1);
  return received.get(connection) !== before;
}

Deno.test("--send-only loses nothing to a peer that reads slowly and talks all the time", async () => {
  const { status, stderr, whole } = await talkingPeer("1s", 150);
  assertEquals([status, whole], [0, true], stderr);
});

Deno.test("--send-only reports how much is lost to a peer that talks all the time and reads nothing", async () => {
  const { status, stderr } = await talkingPeer("300ms", 2000);
  assertEquals(status, 5, stderr);
  assertMatch(
    stderr,
    /^coax: linger 127\S+: takes nothing for 0\.3 s: \d+ bytes that were sent are lost$/m,
  );
});
