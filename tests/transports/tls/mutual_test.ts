/** Listeners that let in only clients with a certificate of their authorities. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Duplex } from "../../../src/core/duplex.ts";
import { BrokenError, TimeoutError, TlsError } from "../../../src/core/errors.ts";
import { silent } from "../../../src/core/log.ts";
import type { Identity, TlsListenOptions } from "../../../src/transports/options.ts";
import { pemBlock } from "../../../src/transports/tls/pem.ts";
import { authority, type Issued, selfMade } from "../../support/certificates.ts";
import { decode, encode, readAll, readExactly } from "../../support/connections.ts";
import { recorder } from "../../support/log.ts";
import { mutualTest } from "../../support/mutual.ts";
import { digest, randomBytes } from "../../support/random.ts";
import { bind, connect } from "../../support/transports.ts";
import { isPending, soon, until } from "../../support/wait.ts";
import { wire } from "../../support/wire.ts";

const servers = await authority("Servers");
const clients = await authority("Clients");
const between = await clients.delegate("Between");
const identity = await servers.issue();
const good = await clients.issue();
const LISTENING: TlsListenOptions = { identity, clientCa: [clients.pem] };

interface Sides {
  readonly listening?: TlsListenOptions;
  readonly certificate?: Identity;
  readonly alpn?: readonly string[];
  /** Whether the client connects to the listener itself: a wire passes no RST on. */
  readonly direct?: boolean;
}

/** A listener, and one client of it, through a wire that can be cut. */
async function meet({ listening = LISTENING, certificate, alpn, direct }: Sides, log = silent) {
  const [listener] = await bind("tls://127.0.0.1:0", { tls: listening, handshakeTimeout: 5000 });
  const listened = Number(listener!.addresses[0]!.split(":").at(-1));
  const line = wire(() => listened);
  const accepting = listener!.accept();
  const tls = { ca: [servers.pem], clientCert: certificate, alpn };
  const address = `tls://127.0.0.1:${direct ? listened : line.port}`;
  const dialing = connect(address, silent, { tls, connectTimeout: 5000 });
  const incoming = await accepting;
  const opening = incoming!.open(new AbortController().signal, log) as Promise<Duplex>;
  const [server, client] = await Promise.allSettled([opening, dialing]);
  listener!.close();
  return {
    server,
    client,
    line,
    async [Symbol.asyncDispose]() {
      for (const side of [server, client]) {
        if (side.status === "fulfilled") side.value.close();
      }
      line[Symbol.dispose]();
      await Promise.all(
        [server, client].map((side) => side.status === "fulfilled" && side.value.closed),
      );
    },
  };
}

/** Both sides of a connection with the right certificate. */
async function pair(sides: Sides = {}) {
  const met = await meet({ certificate: good, ...sides });
  const { server, client, line } = met;
  assert(server.status === "fulfilled", String((server as PromiseRejectedResult).reason));
  assert(client.status === "fulfilled", String((client as PromiseRejectedResult).reason));
  return {
    server: server.value,
    client: client.value,
    line,
    [Symbol.asyncDispose]: () => met[Symbol.asyncDispose](),
  };
}

mutualTest("a client with a certificate half-closes, and so does the listener", async () => {
  await using sides = await pair();
  const { client, server } = sides;
  await client.write(encode("question"));
  await client.closeWrite();
  assertEquals(decode(await readAll(server)), "question");
  await server.write(encode("answer"));
  await server.closeWrite();
  assertEquals(decode(await readAll(client)), "answer");
});

mutualTest("the listener may close its write side first", async () => {
  await using sides = await pair();
  const { client, server } = sides;
  await server.closeWrite();
  assertEquals((await readAll(client)).length, 0);
  await client.write(encode("still here"));
  await client.closeWrite();
  assertEquals(decode(await readAll(server)), "still here");
});

mutualTest("8 MiB cross each way, unaltered", async () => {
  await using sides = await pair();
  const { client, server } = sides;
  for (const [source, sink] of [[client, server], [server, client]] as const) {
    const bytes = randomBytes(8 * 1024 * 1024);
    const sent = source.write(bytes).then(() => source.closeWrite());
    assertEquals(await digest(new Uint8Array(await readAll(sink))), await digest(bytes));
    await sent;
  }
});

for (const writer of ["client", "server"] as const) {
  mutualTest(`the ${writer} waits for a reader who doesn't read`, async () => {
    await using sides = await pair();
    const reader = writer === "client" ? sides.server : sides.client;
    const bytes = new Uint8Array(64 * 1024 * 1024);
    const written = sides[writer].write(bytes);
    assert(await isPending(written));
    const count = () => writer === "client" ? sides.line.sent : sides.line.received;
    await until(() => count() > 100_000, "something is on its way");
    assert(await isPending(written));
    assert(count() < bytes.length / 2);
    const received = readExactly(reader, bytes.length);
    await soon(written, "the rest goes when it is read", 20_000);
    await soon(received, "all of it arrives", 20_000);
  });

  mutualTest(`without close_notify the connection was cut short for the ${writer}`, async () => {
    await using sides = await pair();
    const reading = readAll(sides[writer]);
    sides.line.cut();
    await assertRejects(() => reading, BrokenError, "TLS cut short");
  });

  mutualTest(`a close in order by the ${writer} is close_notify`, async () => {
    await using sides = await pair();
    await sides[writer].write(encode("last words"));
    sides[writer].close();
    const other = writer === "client" ? sides.server : sides.client;
    assertEquals(decode(await readAll(other)), "last words");
  });
}

mutualTest("both agree on a protocol", async () => {
  const { log, events } = recorder();
  const listening = { ...LISTENING, alpn: ["b", "c"] };
  await using met = await meet({ listening, certificate: good, alpn: ["a", "b"] }, log);
  assertEquals(met.server.status, "fulfilled");
  assert(events.some(({ text }) => text.includes("protocol b")), JSON.stringify(events));
});

mutualTest("without a protocol in common the client is told", async () => {
  const listening = { ...LISTENING, alpn: ["b"] };
  await using met = await meet({ listening, certificate: good, alpn: ["a"] });
  assert(met.server.status === "rejected" && met.client.status === "rejected");
  assertMatch(met.client.reason.message, /none of the protocols/);
  assertMatch(met.server.reason.message, /none of the protocols/);
});

mutualTest("the client's certificate is in the log", async () => {
  const certificate = await clients.issue({ names: ["alice.example"] });
  const { log, events } = recorder();
  await using met = await meet({ certificate }, log);
  assertEquals(met.server.status, "fulfilled");
  const text = `certificate of CN=issued, DNS:alice.example, sha256:${certificate.pin}`;
  assert(events.some((event) => event.text.includes(text)), JSON.stringify(events));
});

/** An issued certificate with the chain to its authority. */
const chained = ({ cert, ...rest }: Issued, ...chain: string[]) => ({
  ...rest,
  cert: [cert, ...chain].join("\n"),
});

const own = await selfMade();

const LET_IN: [what: string, certificate: Identity, clientCa?: string[]][] = [
  ["of an authority", good],
  ["of the second authority", good, [servers.pem, clients.pem]],
  ["of an authority below, with its chain", chained(await between.issue(), between.pem)],
  ["of an authority below that is named itself", await between.issue(), [between.pem]],
  ["that is named itself", own, [own.cert]],
];

for (const [what, certificate, clientCa = [clients.pem]] of LET_IN) {
  mutualTest(`a client with a certificate ${what} gets in`, async () => {
    await using sides = await pair({ listening: { identity, clientCa }, certificate });
    await sides.client.write(encode("in"));
    assertEquals(decode(await readExactly(sides.server, 2)), "in");
  });
}

const GARBAGE = pemBlock("CERTIFICATE", randomBytes(99));
const stranger = await authority("Strangers");
const UNKNOWN = /issuer of the client's certificate is unknown .*\(CN=/;

const REFUSED: [what: string, certificate: Identity | undefined, reason: RegExp][] = [
  ["without a certificate", undefined, /the client has shown no certificate/],
  ["with another authority's certificate", await stranger.issue(), UNKNOWN],
  ["with a certificate of its own", own, UNKNOWN],
  ["with a chain of another authority", chained(await stranger.issue(), stranger.pem), UNKNOWN],
  ["with a chain that doesn't fit", chained(await stranger.issue(), clients.pem), UNKNOWN],
  ["without the middle of its chain", await between.issue(), UNKNOWN],
  ["with a chain that can't be read", chained(await stranger.issue(), GARBAGE), UNKNOWN],
  ["that says to be the authority", chained(await stranger.issue(), between.pem), UNKNOWN],
  ["with an expired certificate", await clients.issue({ days: [-9, -2] }), /has expired .*CN=/],
  ["with a certificate for later", await clients.issue({ days: [2, 9] }), /not valid yet.*CN=/],
];

for (const [what, certificate, reason] of REFUSED) {
  mutualTest(`a client ${what} is refused`, async () => {
    await using met = await meet({ certificate, direct: true });
    assert(met.server.status === "rejected");
    assert(met.server.reason instanceof TlsError, String(met.server.reason));
    assertMatch(met.server.reason.message, reason);
    // In TLS 1.3 the client's own handshake is over before the listener has seen its certificate.
    if (met.client.status === "fulfilled") {
      const { value } = met.client;
      const ask = () => value.write(encode("x")).then(() => readAll(value));
      await assertRejects(() => soon(ask(), "the client's failure", 5000), BrokenError);
    } else assert(met.client.reason instanceof BrokenError);
  });
}

mutualTest(
  "a good certificate with a chain that can't be read doesn't break the listener",
  async () => {
    await using met = await meet({ certificate: chained(good, GARBAGE), direct: true });
    if (met.server.status === "rejected") assert(met.server.reason instanceof TlsError);
  },
);

mutualTest("an expired certificate that is named itself is refused", async () => {
  const expired = await selfMade({ days: [-9, -2] });
  const listening = { identity, clientCa: [expired.cert] };
  await using met = await meet({ listening, certificate: expired, direct: true });
  assert(met.server.status === "rejected");
  assertMatch(met.server.reason.message, /has expired/);
});

mutualTest("a silent client's time is over, and its handshake can be stopped", async () => {
  const options = { tls: LISTENING, handshakeTimeout: 50 };
  const [listener] = await bind("tls://127.0.0.1:0", options);
  const port = Number(listener!.addresses[0]!.split(":").at(-1));
  const silentClient = async () => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return { conn, incoming: (await listener!.accept())! };
  };
  const late = await silentClient();
  const open = () => late.incoming.open(new AbortController().signal, silent);
  await assertRejects(open, TimeoutError);
  const stopped = await silentClient();
  const stop = new AbortController();
  const opening = stopped.incoming.open(stop.signal, silent);
  stop.abort();
  await assertRejects(() => opening);
  for (const { conn } of [late, stopped]) {
    assertEquals(await soon(conn.read(new Uint8Array(9)), "FIN"), null);
    conn.close();
  }
  listener!.close();
});
