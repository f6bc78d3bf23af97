import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Duplex } from "../../../src/core/duplex.ts";
import {
  BrokenError,
  TimeoutError,
  TlsError,
  UnavailableError,
  UsageError,
} from "../../../src/core/errors.ts";
import { silent } from "../../../src/core/log.ts";
import { carry } from "../../../src/core/splice.ts";
import type { TlsDialOptions } from "../../../src/transports/options.ts";
import { tap } from "../../../src/wrap/tap.ts";
import { authority, selfMade, type Wanted } from "../../support/certificates.ts";
import { ask, decode, encode, readAll, readExactly } from "../../support/connections.ts";
import { recorder } from "../../support/log.ts";
import { digest, randomBytes } from "../../support/random.ts";
import { descriptors, descriptorsBackTo } from "../../support/process.ts";
import { bind, connect, service } from "../../support/transports.ts";
import { isPending, soon, until } from "../../support/wait.ts";
import { wire } from "../../support/wire.ts";

const trusted = await authority();
const identity = await trusted.issue();
const ca = [trusted.pem];

async function echo(connection: Duplex): Promise<void> {
  await carry([connection, connection]);
  connection.close();
}

const portOf = (address: string) => Number(address.split(":").at(-1));
const dial = (port: number, tls: TlsDialOptions = { ca }, log = silent, host = "127.0.0.1") =>
  connect(`tls://${host}:${port}`, log, { tls, connectTimeout: 5000 });

/** An echo server that counts its clients' connections and bytes. */
async function tlsEcho(wanted = identity, log = silent, alpn?: string[]) {
  const seen = { connections: 0, bytes: 0 };
  const handle = async (connection: Duplex) => {
    seen.connections++;
    await echo(tap(connection, { received: (bytes) => seen.bytes += bytes.length }));
  };
  const options = { tls: { identity: wanted, alpn }, handshakeTimeout: 5000 };
  const running = await service("tls://127.0.0.1:0", handle, log, options);
  return { running, port: portOf(running.addresses[0]!), seen };
}

/** Both sides of one TLS connection through a wire that can be cut. */
async function pair() {
  const [listener] = await bind("tls://127.0.0.1:0", { tls: { identity } });
  const line = wire(() => portOf(listener!.addresses[0]!));
  const accepting = listener!.accept();
  const dialing = dial(line.port);
  const incoming = await accepting;
  const server = await incoming!.open(new AbortController().signal, silent) as Duplex;
  const client = await dialing;
  listener!.close();
  return {
    client,
    server,
    line,
    [Symbol.dispose]() {
      client.close();
      server.close();
      line[Symbol.dispose]();
    },
  };
}

Deno.test("tls:// listens on both families with one port, and each shown address answers", async () => {
  const six = await selfMade({ names: ["localhost", "127.0.0.1"] });
  await using echoes = await service("tls://0", echo, silent, { tls: { identity: six } });
  const port = portOf(echoes.addresses[0]!);
  assertEquals(echoes.addresses, [`tls://127.0.0.1:${port}`, `tls://[::1]:${port}`]);
  for (const address of echoes.addresses) {
    const connection = await connect(address, silent, {
      tls: { ca: [six.cert], serverName: "localhost" },
    });
    assertEquals(await ask(connection, address), address);
    connection.close();
  }
});

Deno.test("TLS passes EOF on after the last byte, and reading goes on", async () => {
  using ends = await pair();
  const { client, server } = ends;
  await client.write(encode("question"));
  await client.closeWrite();
  assertEquals(decode(await readAll(server)), "question");
  await server.write(encode("answer"));
  await server.closeWrite();
  assertEquals(decode(await readAll(client)), "answer");
});

Deno.test("TLS lets the server close first", async () => {
  using ends = await pair();
  const { client, server } = ends;
  await server.closeWrite();
  assertEquals((await readAll(client)).length, 0);
  await client.write(encode("still here"));
  await client.closeWrite();
  assertEquals(decode(await readAll(server)), "still here");
});

Deno.test("8 MiB cross TLS each way, unaltered", async () => {
  using ends = await pair();
  const { client, server } = ends;
  for (const [source, sink] of [[client, server], [server, client]] as const) {
    const bytes = randomBytes(8 * 1024 * 1024);
    const sent = source.write(bytes).then(() => source.closeWrite());
    assertEquals(await digest(new Uint8Array(await readAll(sink))), await digest(bytes));
    await sent;
  }
});

Deno.test("a writer waits for a reader who doesn't read", async () => {
  using ends = await pair();
  const { client, server } = ends;
  const bytes = new Uint8Array(64 * 1024 * 1024);
  const written = client.write(bytes);
  assert(await isPending(written));
  await until(() => ends.line.sent > 100_000, "something is on its way");
  assert(ends.line.sent < bytes.length / 2);
  const received = readExactly(server, bytes.length);
  await soon(written, "the rest goes when it is read");
  await soon(received, "all of it arrives");
});

for (const [cutEnd, name] of [["client", "client"], ["server", "server"]] as const) {
  Deno.test(`a connection that ends without close_notify was cut short for the ${name}`, async () => {
    using ends = await pair();
    const reading = readAll(ends[cutEnd]);
    ends.line.cut();
    const { message, status } = await assertRejects(() => reading, BrokenError);
    assertStringIncludes(message, "TLS cut short");
    assertEquals(status, 1);
  });
}

interface Refusal {
  name: string;
  wanted: Wanted;
  own?: boolean;
  tls?: TlsDialOptions;
  text: RegExp;
}

const refusals: Refusal[] = [
  { name: "an unknown issuer", wanted: {}, tls: {}, text: /issuer .* unknown.*--ca FILE.*--pin/ },
  {
    name: "another name",
    wanted: { names: ["other.example", "10.0.0.1"] },
    text: /not for 127\.0\.0\.1 but for other\.example or 10\.0\.0\.1.*--server-name NAME/,
  },
  {
    name: "another name than --server-name",
    wanted: {},
    tls: { ca, serverName: "wanted.example" },
    text: /not for wanted\.example but for localhost or 127\.0\.0\.1/,
  },
  { name: "no name", wanted: { names: [] }, text: /for no name at all.*--pin/ },
  { name: "an end in the past", wanted: { days: [-9, -2] }, text: /expired on \d{4}-\d\d-\d\d/ },
  { name: "a start to come", wanted: { days: [2, 9] }, text: /not valid before \d{4}-\d\d-\d\d/ },
  { name: "an authority's mark", wanted: { ca: true }, text: /CA:FALSE.*--pin/ },
];

for (const { name, wanted, tls = { ca }, text } of refusals) {
  Deno.test(`a certificate with ${name} is refused before a byte is sent`, async () => {
    const { running, port, seen } = await tlsEcho(await trusted.issue(wanted));
    await using _ = running;
    const { message, status } = await assertRejects(() => dial(port, tls), TlsError);
    assert(text.test(message), message);
    assertStringIncludes(message, `handshake tls://127.0.0.1:${port}: `);
    assertEquals([status, seen.connections], [6, 0]);
  });
}

Deno.test("--server-name is the name that the certificate must have", async () => {
  const { running, port } = await tlsEcho(await trusted.issue({ names: ["other.example"] }));
  await using _ = running;
  const connection = await dial(port, { ca, serverName: "other.example" });
  assertEquals(await ask(connection, "x"), "x");
  connection.close();
});

const pinnable: [string, Wanted][] = [
  ["for another name", { names: ["other.example"] }],
  ["with no name", { names: [] }],
];

for (const [name, wanted] of pinnable) {
  Deno.test(`a pinned certificate ${name} is good, with half-close`, async () => {
    const certificate = await selfMade(wanted);
    const { running, port } = await tlsEcho(certificate);
    await using _ = running;
    const { log, events } = recorder();
    const connection = await dial(port, { pin: certificate.pin }, log);
    assertEquals([connection.halfClose, await ask(connection, "x")], [true, "x"]);
    connection.close();
    assert(!events.some(({ event }) => event === "unproven"));
  });
}

const unprovable: [string, () => Promise<{ cert: string; key: string; pin: string }>, RegExp][] = [
  ["that has expired", () => selfMade({ days: [-9, -2] }), /expired/],
  ["that begins tomorrow", () => selfMade({ days: [1, 2] }), /not valid yet/],
  ["of an authority", () => selfMade({ ca: true }), /authority's/],
  ["from an unknown issuer", () => trusted.issue(), /issuer is unknown/],
];

for (const [name, make, why] of unprovable) {
  Deno.test(`a pinned certificate ${name} is good, with a warning`, async () => {
    const certificate = await make();
    const { running, port } = await tlsEcho(certificate);
    await using _ = running;
    const { log, events } = recorder();
    const connection = await dial(port, { pin: certificate.pin }, log);
    assertEquals(await ask(connection, "x"), "x");
    connection.close();
    const warning = events.find(({ event }) => event === "unproven");
    assertEquals(warning?.level, "warn");
    assert(why.test(warning!.text), warning!.text);
  });
}

Deno.test("a pinned certificate whose issuer is known is proven", async () => {
  const { running, port } = await tlsEcho();
  await using _ = running;
  const { log, events } = recorder();
  const connection = await dial(port, { pin: identity.pin, ca, serverName: "other.example" }, log);
  assertEquals(await ask(connection, "x"), "x");
  connection.close();
  assert(!events.some(({ event }) => event === "unproven"));
});

Deno.test("another certificate than the pinned one is refused, and both are shown", async () => {
  const { running, port, seen } = await tlsEcho();
  await using _ = running;
  const pin = "0".repeat(64);
  const { message, status } = await assertRejects(() => dial(port, { pin }), TlsError);
  assertStringIncludes(message, "pin mismatch");
  assertStringIncludes(message, `sha256:${pin}`);
  assertStringIncludes(message, `sha256:${identity.pin}`);
  assertEquals([status, seen.connections], [6, 0]);
});

Deno.test("a pin holds for the connection itself, not only for the probe before it", async () => {
  const pinned = await selfMade();
  const honest = await tlsEcho(pinned);
  await using _honest = honest.running;
  const impostor = await tlsEcho();
  await using _impostor = impostor.running;
  using line = wire((index) => index === 0 ? honest.port : impostor.port);
  // Even one that a trusted authority has issued.
  await assertRejects(() => dial(line.port, { pin: pinned.pin, ca }), TlsError, "pin mismatch");
  assertEquals(impostor.seen.bytes, 0);
});

Deno.test("an impostor with an expired certificate doesn't make a pin unproven", async () => {
  const pinned = await selfMade();
  const honest = await tlsEcho(pinned);
  await using _honest = honest.running;
  const impostor = await tlsEcho(await selfMade({ days: [-9, -2] }));
  await using _impostor = impostor.running;
  using line = wire((index) => index === 1 ? impostor.port : honest.port);
  await assertRejects(() => dial(line.port, { pin: pinned.pin }), TlsError);
  assertEquals(impostor.seen.bytes, 0);
});

const TAKES_ONE =
  /the certificate is the pinned one, but .* no second connection, .* --pin needs; .* --ca FILE$/;

Deno.test("a server that accepts one connection only can't be pinned, with an error that explains it", async () => {
  const certificate = await selfMade();
  const [listener] = await bind("tls://127.0.0.1:0", { tls: { identity: certificate } });
  const dialing = dial(portOf(listener!.addresses[0]!), { pin: certificate.pin });
  const only = await listener!.accept();
  listener!.close();
  const handshake = only!.open(new AbortController().signal, silent);
  const { message } = await assertRejects(() => dialing, UnavailableError, "connection refused");
  assertMatch(message, TAKES_ONE);
  await assertRejects(() => handshake);
});

Deno.test("a server that closes its second connection can't be pinned, with an error that explains it", async () => {
  const certificate = await selfMade({ ca: true });
  const { running, port } = await tlsEcho(certificate);
  await using _ = running;
  await using plain = await service(
    "127.0.0.1:0",
    (connection) => Promise.resolve(connection.close()),
  );
  using line = wire((index) => index === 0 ? port : portOf(plain.addresses[0]!));
  const { log, events } = recorder();
  const dialing = dial(line.port, { pin: certificate.pin }, log);
  const { message } = await assertRejects(() => dialing, TlsError, "ended the connection");
  assertMatch(message, TAKES_ONE);
  assert(!events.some(({ event }) => event === "unproven"));
});

Deno.test("a probe for a pin is no connection to the server", async () => {
  const certificate = await selfMade();
  const { running, port, seen } = await tlsEcho(certificate);
  await using _ = running;
  const connection = await dial(port, { pin: certificate.pin });
  assertEquals(await ask(connection, "x"), "x");
  connection.close();
  assertEquals(seen.connections, 1);
});

Deno.test("--insecure takes any certificate, and silence closes", async () => {
  const { running, port } = await tlsEcho(await selfMade({ days: [-9, -2], names: ["x.example"] }));
  await using _ = running;
  const connection = await dial(port, { insecure: true });
  assertEquals([connection.halfClose, await ask(connection, "x")], [false, "x"]);
  connection.close();
});

Deno.test("a cut is no EOF without verification either", async () => {
  const { running, port } = await tlsEcho();
  await using _ = running;
  using line = wire(() => port);
  const connection = await dial(line.port, { insecure: true });
  const reading = readAll(connection);
  line.cut();
  await assertRejects(() => reading, BrokenError, "TLS cut short");
  connection.close();
});

Deno.test("both sides agree on a protocol, and it is logged with the certificate", async () => {
  const { running, port } = await tlsEcho(identity, silent, ["b", "a"]);
  await using _ = running;
  const { log, events } = recorder();
  const connection = await dial(port, { ca, alpn: ["a", "b"] }, log);
  connection.close();
  const logged = events.find(({ event }) => event === "handshake")!;
  assertEquals([logged.protocol, logged.pin], ["b", `sha256:${identity.pin}`]);
  assertStringIncludes(logged.text, "localhost");
});

Deno.test("a handshake's event has the dialled address on our side, and the peer on the other", async () => {
  const accepting = recorder();
  const { running, port } = await tlsEcho(identity, accepting.log);
  await using _ = running;
  const dialling = recorder();
  const connection = await dial(port, { ca }, dialling.log);
  connection.close();
  const of = ({ events }: typeof dialling) => events.find(({ event }) => event === "handshake");
  assertEquals(of(dialling)!.address, `tls://127.0.0.1:${port}`);
  await until(() => of(accepting) !== undefined, "the other side's event");
  assertEquals(of(accepting)!.address, undefined);
  assertMatch(String(of(accepting)!.peer), /^127\.0\.0\.1:\d+$/);
});

Deno.test("sides without a protocol in common get an error that explains it", async () => {
  const { log, events } = recorder("error");
  const { running, port } = await tlsEcho(identity, log, ["b"]);
  await using _ = running;
  await assertRejects(() => dial(port, { ca, alpn: ["a"] }), TlsError, "--alpn");
  await until(() => events.length > 0, "the server has a line");
  assertStringIncludes(events[0]!.text, "--alpn");
});

Deno.test("a peer that doesn't speak TLS is distinguished from one with a bad certificate", async () => {
  const greet = async (connection: Duplex) => {
    await connection.write(encode("220 plain.example ready\r\n"));
    await connection.closeWrite();
    await readAll(connection);
    connection.close();
  };
  await using plain = await service("127.0.0.1:0", greet);
  const { status } = await assertRejects(
    () => dial(portOf(plain.addresses[0]!)),
    TlsError,
    "the peer doesn't speak TLS",
  );
  assertEquals(status, 6);
});

Deno.test("a peer that closes in the handshake is a failed handshake", async () => {
  const hangUp = async (connection: Duplex) => {
    await connection.read(new Uint8Array(9999));
    connection.close();
  };
  await using plain = await service("127.0.0.1:0", hangUp);
  await assertRejects(() => dial(portOf(plain.addresses[0]!)), TlsError, "does it speak TLS?");
});

const waiters: [string, string, TlsDialOptions][] = [
  ["by itself", "tls", {}],
  ["with --insecure", "tls", { insecure: true }],
  ["with --pin", "tls", { pin: "0".repeat(64) }],
  ["with --client-cert", "tls", { ca, clientCert: identity }],
  ["with --insecure under a WebSocket", "wss", { insecure: true }],
];

for (const [name, scheme, tls] of waiters) {
  Deno.test(`a silent server is given up on ${name}, and no descriptor stays`, async () => {
    const before = descriptors(Deno.pid);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepting = listener.accept();
    const address = `${scheme}://127.0.0.1:${listener.addr.port}`;
    const dialing = connect(address, silent, { tls, connectTimeout: 100 });
    const { message, status } = await soon(
      assertRejects(() => dialing, TimeoutError),
      "it is given up",
    );
    assertEquals([message, status], [`handshake ${address}: timed out after 100 ms`, 5]);
    (await accepting).close();
    listener.close();
    await descriptorsBackTo(before, Deno.pid);
  });
}

Deno.test("a server that is silent in the probe for a pin gets EOF at once", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tls = { pin: "0".repeat(64) };
  const address = `tls://127.0.0.1:${listener.addr.port}`;
  const dialing = connect(address, silent, { tls, connectTimeout: 100 });
  using accepted = await listener.accept();
  await soon(assertRejects(() => dialing, TimeoutError), "it is given up");
  const buffer = new Uint8Array(4096);
  const rest = async () => {
    while (await accepted.read(buffer) !== null);
  };
  await soon(rest(), "the end");
});

Deno.test("plaintext and garbage to a TLS port are lines in the log, and the next client is served", async () => {
  const { log, events } = recorder("error");
  const { running, port } = await tlsEcho(identity, log);
  await using _ = running;
  for (const bytes of [encode("GET / HTTP/1.1\r\n\r\n"), new Uint8Array(512), randomBytes(512)]) {
    const plain = await connect(`127.0.0.1:${port}`);
    await plain.write(bytes);
    await plain.closeWrite();
    await readAll(plain).catch(() => {}); // An alert, then EOF or a reset.
    plain.close();
  }
  const connection = await dial(port);
  assertEquals(await ask(connection, "x"), "x");
  connection.close();
  await until(() => events.length === 3, "three lines");
  for (const { text } of events) assertStringIncludes(text, "handshake 127.0.0.1:");
});

Deno.test("500 silent peers don't keep a good one waiting", async () => {
  const { running, port } = await tlsEcho();
  await using _ = running;
  const idle = await Promise.all(
    Array.from({ length: 500 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  const connection = await dial(port);
  assertEquals(await ask(connection, "x"), "x");
  connection.close();
  for (const conn of idle) conn.close();
});

const silentPeers: [string, (port: number, pin: string) => Promise<{ close(): void }>][] = [
  ["connects and leaves, as a port check does", (port) => connect(`127.0.0.1:${port}`)],
  ["looks for a pinned certificate", (port, pin) => dial(port, { pin })],
];

for (const [name, connectAndClose] of silentPeers) {
  Deno.test(`a client that ${name} is no error of a listener`, async () => {
    const certificate = await selfMade();
    const { log, events } = recorder("debug");
    const { running, port } = await tlsEcho(certificate, log);
    await using _ = running;
    (await connectAndClose(port, certificate.pin)).close();
    await until(() => events.some(({ event }) => event === "ended"), "it is logged");
    const ended = events.find(({ event }) => event === "ended")!;
    assertMatch(ended.text, /^handshake 127\.0\.0\.1:\d+: left in the handshake$/);
    assertEquals(events.filter(({ level }) => level === "error"), []);
  });
}

Deno.test("a handshake that takes too long is a line in the log, and frees its slot", async () => {
  const { log, events } = recorder("error");
  const options = { tls: { identity }, handshakeTimeout: 50 };
  await using running = await service("tls://127.0.0.1:0", echo, log, options);
  const slow = await connect(`127.0.0.1:${portOf(running.addresses[0]!)}`);
  await until(() => events.length > 0, "the line");
  assertStringIncludes(events[0]!.text, "timed out after 50 ms");
  slow.close();
});

Deno.test("a listener that stops closes handshakes under way", async () => {
  const { running, port } = await tlsEcho();
  const slow = await connect(`127.0.0.1:${port}`);
  const other = await dial(port); // So that the slow one has been accepted.
  other.close();
  await soon(running[Symbol.asyncDispose](), "the service ends");
  slow.close();
});

Deno.test("tls:// can't listen without a certificate, and the error names what it needs", async () => {
  const { message, status } = await assertRejects(() => bind("tls://0"), UsageError);
  assertEquals(message, '"tls://0": needs --cert FILE --key FILE, or --self-signed');
  assertEquals(status, 2);
});
