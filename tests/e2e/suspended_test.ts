/** Timers that fire late, after a suspension: what arrived in time is read before they decide. */
import { assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Connection } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { libc } from "../../src/transports/libc.ts";
import { dial, listen } from "../../src/transports/mod.ts";
import { authority } from "../support/certificates.ts";
import { decode, encode } from "../support/connections.ts";
import { DIALING, LISTENING } from "../support/options.ts";
import { suspended } from "../support/suspended.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { Coax, PIPE, temporary } from "./coax.ts";
import { connectTo, listenHere, receiveText, send, soon } from "./peers.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.
const trusted = await authority();
const identity = await trusted.issue();

/**
 * The duration of each timer, milliseconds. It must not fire before its process is suspended, which
 * takes a busy machine a while.
 */
const TIMER = 2000;
/** How long the process is suspended: beyond the timer's end, which began before. */
const SLEEP = TIMER + 300;
/** Which of two due callbacks comes first is up to the runtime: one round proves nothing. */
const ROUNDS = 4;

/** Suspends a process for `SLEEP`, and does `meanwhile` then. */
type Suspend = (coax: Coax, meanwhile: () => Promise<unknown>) => Promise<void>;

/**
 * Runs all rounds. While one is suspended, the next begins: starting at once, they would keep each
 * other from being suspended in time.
 */
async function rounds(test: (suspend: Suspend) => Promise<void>): Promise<void> {
  const running: Promise<void>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const asleep = Promise.withResolvers<void>();
    running.push(test((coax, meanwhile) =>
      suspended(coax, SLEEP, async () => {
        await meanwhile();
        asleep.resolve();
      })
    ));
    await Promise.race([asleep.promise, Promise.all(running)]);
  }
  await Promise.all(running);
}

async function writeText(connection: Connection, text: string): Promise<void> {
  const data = encode(text);
  await soon(
    connection.framing === "stream" ? connection.write(data) : connection.send({ data }),
    "saying",
  );
}

/** One read or one message. */
async function readText(connection: Connection): Promise<string> {
  if (connection.framing === "message") {
    return decode((await soon(connection.receive(), "hearing"))?.data ?? encode("(end)"));
  }
  const buffer = new Uint8Array(100);
  const count = await soon(connection.read(buffer), "hearing");
  return count === null ? "(end)" : decode(buffer.subarray(0, count));
}

const TRANSPORTS = ["tcp", "tls", "unix", "ws", "wss", "ws+unix", "udp"] as const;
type Transport = typeof TRANSPORTS[number];

const onUnix = (transport: Transport) => /unix/.test(transport);
const onTls = (transport: Transport) => transport === "tls" || transport === "wss";

function addressOn(transport: Transport, directory: string): string {
  return onUnix(transport) ? `${transport}:${directory}/socket` : `${transport}://127.0.0.1:0`;
}

/** A peer that listens in this process. */
async function peerOn(transport: Transport, directory: string) {
  const address = parseAddress(addressOn(transport, directory));
  const options = { ...LISTENING, idleTimeout: 60_000, tls: { identity } };
  const [listener] = await listen(address, options);
  return {
    address: listener!.addresses[0]!,
    async accept(): Promise<Connection> {
      const incoming = await soon(listener!.accept(), "a connection");
      return await soon(incoming!.open(new AbortController().signal, silent), "its handshake");
    },
    [Symbol.dispose]: () => listener!.close(),
  };
}

for (const transport of TRANSPORTS) {
  Deno.test(`a client that slept beyond --linger still prints the answer: ${transport}`, async () => {
    await rounds(async (suspend) => {
      await using pem = await tlsFiles(trusted);
      await using directory = await temporary();
      using listener = await peerOn(transport, directory.path);
      const options = ["--linger", `${TIMER}ms`, ...onTls(transport) ? pem.trusting : []];
      await using client = Coax.start(["client", listener.address, ...options], { stdin: "ask\n" });
      const connection = await listener.accept();
      assertMatch(await readText(connection), /^ask\n?$/);
      await suspend(client, () => writeText(connection, "answer"));
      await client.prints(/answer/);
      connection.close();
      await connection.closed;
      assertEquals((await client.exit()).status, 0);
    });
  });

  Deno.test(`an echo that slept beyond --idle-timeout answers: ${transport}`, async () => {
    await rounds(async (suspend) => {
      await using pem = await tlsFiles(trusted);
      await using directory = await temporary();
      const options = [
        "-v",
        "--idle-timeout",
        `${TIMER}ms`,
        ...onTls(transport) ? pem.serving : [],
      ];
      await using echo = Coax.start(["echo", addressOn(transport, directory.path), ...options]);
      const address = parseAddress(await echo.address());
      const connection = await dial(address, { ...DIALING, tls: { ca: [trusted.pem] } });
      await writeText(connection, "one");
      assertEquals(await readText(connection), "one");
      await suspend(echo, () => writeText(connection, "two"));
      assertEquals(await readText(connection), "two");
      connection.close();
      await connection.closed;
      assertEquals(echo.stderr.match(/accept /g)?.length, 1, echo.stderr);
    });
  });
}

for (const transport of ["tcp", "ws", "udp"] as const) {
  Deno.test(`a client that slept beyond --within sees what it expects: ${transport}`, async () => {
    await rounds(async (suspend) => {
      using listener = await peerOn(transport, "");
      const options = ["--expect", "answer", "--within", `${TIMER}ms`, "--send", "ask"];
      await using client = Coax.start(["client", listener.address, ...options], { stdin: PIPE });
      const connection = await listener.accept();
      await readText(connection);
      await suspend(client, () => writeText(connection, "answer"));
      assertEquals((await client.exit()).status, 0);
      connection.close();
      await connection.closed;
    });
  });
}

Deno.test("a relay that slept beyond --idle-timeout carries on", async () => {
  await rounds(async (suspend) => {
    using target = listenHere();
    const args = ["relay", "127.0.0.1:0", target.address, "--idle-timeout", `${TIMER}ms`];
    await using relay = Coax.start(args);
    using client = await connectTo(await relay.address());
    using conn = await target.accept();
    await send(client, "one");
    assertEquals(await receiveText(conn, 3), "one");
    await suspend(relay, () => send(conn, "two"));
    assertEquals(await receiveText(client, 3), "two");
  });
});

Deno.test("a relay that slept beyond --grace delivers what came in time", async () => {
  await rounds(async (suspend) => {
    using target = listenHere();
    const args = ["relay", "127.0.0.1:0", target.address, "--grace", `${TIMER}ms`];
    await using relay = Coax.start(args);
    using client = await connectTo(await relay.address());
    using conn = await target.accept();
    await send(client, "one");
    assertEquals(await receiveText(conn, 3), "one");
    await conn.closeWrite();
    assertEquals(await receiveText(client), "");
    relay.signal("SIGTERM");
    await relay.logs(/may finish within/);
    await suspend(relay, async () => {
      await send(client, "two");
      await client.closeWrite();
    });
    assertEquals(await receiveText(conn), "two");
    assertEquals((await relay.exit()).status, 0);
  });
});

Deno.test("a client that slept beyond --ping-timeout sees the pong", async () => {
  await rounds(async (suspend) => {
    using listener = await peerOn("ws", "");
    const options = ["-vv", "--ping", "50ms", "--ping-timeout", `${TIMER}ms`];
    await using client = Coax.start(["client", listener.address, ...options], { stdin: PIPE });
    const connection = await listener.accept();
    await client.logs(/ping to/);
    const receiving = readText(connection); // Answers pings, from now on.
    await suspend(client, () => Promise.resolve());
    await client.write("still here\n");
    assertEquals(await receiving, "still here");
    connection.close();
    await connection.closed;
    assertEquals((await client.exit()).status, 0);
  });
});

/** Handshakes of a listener, up to where the peer has to send the rest. */
const ACCEPTED = [
  {
    name: "HTTP",
    args: ["echo", "ws://127.0.0.1:0"],
    rest: "GET / HTTP/1.1\r\n\r\n",
    sends: "HTTP/1.1",
  },
  {
    name: "a PROXY header",
    args: ["relay", "--proxy-protocol", "in", "127.0.0.1:0", "sh:echo hello"],
    rest: "PROXY UNKNOWN\r\n",
    sends: "hello",
  },
  {
    name: "SOCKS",
    args: ["relay", "127.0.0.1:0", "socks5:"],
    rest: "\x05\x01\x00",
    sends: "\x05\0",
  },
];

for (const { name, args, rest, sends } of ACCEPTED) {
  Deno.test(`a listener that slept beyond --handshake-timeout reads what came: ${name}`, async () => {
    await rounds(async (suspend) => {
      const options = ["-v", "--handshake-timeout", `${TIMER}ms`];
      await using listener = Coax.start([...args, ...options]);
      const address = (await listener.address()).replace("ws:", "tcp:");
      using conn = await connectTo(address);
      await listener.logs(/accept /);
      await suspend(listener, () => send(conn, rest));
      assertEquals(await receiveText(conn, sends.length), sends);
    });
  });
}

/** Handshakes of a client, up to where the peer has to answer. */
const DIALED = [
  {
    name: "an HTTP proxy",
    to: (address: string) => ["--via", `http://${address}`, "tcp://host.example:80"],
    answer: "HTTP/1.1 200 OK\r\n\r\nhello",
  },
  {
    name: "a SOCKS proxy",
    to: (address: string) => ["--via", `socks5://${address}`, "tcp://host.example:80"],
    answer: "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00hello",
  },
];

for (const { name, to, answer } of DIALED) {
  Deno.test(`a client that slept beyond --connect-timeout reads the answer of ${name}`, async () => {
    await rounds(async (suspend) => {
      using target = listenHere();
      const options = ["--connect-timeout", `${TIMER}ms`, ...to(target.address)];
      await using client = Coax.start(["client", ...options]);
      using conn = await target.accept();
      await receiveText(conn, 3);
      await suspend(client, async () => {
        await send(conn, answer);
        await conn.closeWrite();
      });
      await client.prints(/hello/);
      assertEquals((await client.exit()).status, 0);
    });
  });
}
