/** `startNodeTls`, in the way of the Deno that runs the tests: over a stream, or on a handle. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { certificateOf } from "../../../src/transports/tls/certificate.ts";
import { startNodeTls } from "../../../src/transports/tls/node.ts";
import { authority, selfMade } from "../../support/certificates.ts";
import { OLDEST } from "../../../scripts/deno_versions.ts";
import { decode, encode } from "../../support/connections.ts";
import { digest, randomBytes } from "../../support/random.ts";
import { soon } from "../../support/wait.ts";
import { wire } from "../../support/wire.ts";

const trusted = await authority();
const identity = await trusted.issue();
const CHECKED = { hostname: "localhost", caCerts: [trusted.pem], verify: true };
const UNCHECKED = { hostname: "localhost", caCerts: [], verify: false };

type Options = Parameters<typeof startNodeTls>[1];

/** Both sides of a connection through a wire that can be cut; the client has yet to handshake. */
async function pair(options: Options, listen: Partial<Deno.ListenTlsOptions> = {}, own = identity) {
  const { cert, key } = own;
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key, ...listen });
  const line = wire(() => listener.addr.port);
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: line.port });
  const [server, client] = await Promise.all([listener.accept(), startNodeTls(tcp, options)]);
  const ours = client.handshake().catch((error) => {
    client.close(); // The server waits for our end, and the runtime leaves closing to the caller.
    throw error;
  });
  const handshakes = Promise.allSettled([server.handshake(), ours]);
  return {
    client,
    server,
    line,
    /** What both say of the handshake. */
    handshakes: soon(handshakes, "the handshake"),
    [Symbol.dispose]() {
      line[Symbol.dispose]();
      for (const resource of [client, server, listener]) closeQuietly(resource);
    },
  };
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Closed already, or consumed by a handshake that failed.
  }
}

async function readAll(conn: Deno.TlsConn, size = 16 * 1024): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(size);
    const count = await soon(conn.read(buffer), "read");
    if (count === null) return new Uint8Array(await new Blob(chunks.map(copy)).arrayBuffer());
    chunks.push(buffer.subarray(0, count));
  }
}

const copy = (bytes: Uint8Array) => new Uint8Array(bytes);

async function writeAll(conn: Deno.TlsConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

for (const [name, options] of [["checked", CHECKED], ["unchecked", UNCHECKED]] as const) {
  Deno.test(`${name}, an exchange half-closes each way`, async () => {
    using sides = await pair(options);
    const { client, server } = sides;
    await sides.handshakes;
    await writeAll(client, encode("question"));
    await client.closeWrite();
    assertEquals(decode(await readAll(server)), "question");
    await writeAll(server, encode("answer"));
    await server.closeWrite();
    assertEquals(decode(await readAll(client)), "answer");
  });

  Deno.test(`${name}, closing the write side twice is closing it once`, async () => {
    using sides = await pair(options);
    await sides.handshakes;
    await sides.client.closeWrite();
    await sides.client.closeWrite();
    assertEquals((await readAll(sides.server)).length, 0);
  });

  Deno.test(`${name}, all that was sent before a cut arrives, and then the cut`, async () => {
    using sides = await pair(options);
    await sides.handshakes;
    const bytes = randomBytes(100_000);
    await writeAll(sides.server, bytes);
    const received = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length;) {
      at += (await soon(sides.client.read(received.subarray(at, at + 999)), "read"))!;
    }
    assertEquals(await digest(received), await digest(bytes));
    sides.line.cut();
    await assertRejects(() => readAll(sides.client), Deno.errors.UnexpectedEof);
  });

  Deno.test(`${name}, a slow reader gets all and then the end`, async () => {
    using sides = await pair(options);
    await sides.handshakes;
    const bytes = randomBytes(4 * 1024 * 1024);
    const sent = writeAll(sides.server, bytes).then(() => sides.server.closeWrite());
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(await digest(copy(await readAll(sides.client, 3000))), await digest(bytes));
    await sent;
  });

  Deno.test(`${name}, both agree on a protocol, and the certificate is known`, async () => {
    using sides = await pair({ ...options, alpn: ["a", "b"] }, { alpnProtocols: ["b"] });
    const [, client] = await sides.handshakes;
    assert(client.status === "fulfilled");
    assertEquals(client.value.alpnProtocol, "b");
    assertEquals((await certificateOf(sides.client))?.pin, identity.pin);
  });
}

const REFUSED: [name: string, options: Options, certificate: typeof identity, reason: RegExp][] = [
  ["an unknown issuer", { ...CHECKED, caCerts: [] }, identity, /UnknownIssuer/],
  ["another name", { ...CHECKED, hostname: "other.example" }, identity, /not valid for name/],
  ["an IP address that isn't its", { ...CHECKED, hostname: "10.0.0.1" }, identity, /not valid for/],
  ["no name", CHECKED, await trusted.issue({ names: [] }), /not valid for|NotValidForName/],
  ["an end in the past", CHECKED, await trusted.issue({ days: [-9, -2] }), /expired|OrTime/i],
  ["a start to come", CHECKED, await trusted.issue({ days: [2, 9] }), /not ?valid ?yet|OrTime/i],
];

for (const [name, options, certificate, reason] of REFUSED) {
  Deno.test(`a certificate with ${name} is refused as Deno's own TLS refuses it`, async () => {
    using sides = await pair(options, {}, certificate);
    const [, client] = await sides.handshakes;
    assert(client.status === "rejected");
    assert(client.reason instanceof Deno.errors.InvalidData, String(client.reason));
    assert(reason.test(client.reason.message), client.reason.message);
  });

  Deno.test(`a certificate with ${name} is good enough where nothing is checked`, async () => {
    using sides = await pair({ ...options, verify: false }, {}, certificate);
    const [server, client] = await sides.handshakes;
    assertEquals([server.status, client.status], ["fulfilled", "fulfilled"]);
  });
}

Deno.test("a certificate for another name is good where any name is", async () => {
  using sides = await pair({ ...CHECKED, hostname: "other.example", anyName: true });
  const [, client] = await sides.handshakes;
  assertEquals(client.status, "fulfilled");
});

Deno.test("a self-signed certificate that is trusted is good", async () => {
  const own = await selfMade();
  using sides = await pair({ ...CHECKED, caCerts: [own.cert] }, {}, own);
  const [, client] = await sides.handshakes;
  assertEquals(client.status, "fulfilled");
});

Deno.test("a name that no server can have is a TypeError", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const hostname of ["no name", "-x", "a..b"]) {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    using _ = await listener.accept();
    await assertRejects(() => startNodeTls(tcp, { ...CHECKED, hostname }), TypeError, hostname);
    closeQuietly(tcp);
  }
});

Deno.test("the oldest supported Deno needs node_handle.ts", () => {
  const sentence = `Deno ${OLDEST} and all later ones do TLS over a stream: ` +
    "delete src/transports/tls/node_handle.ts, and start on a stream always";
  assert(/^2\.7\./.test(OLDEST), sentence);
});
