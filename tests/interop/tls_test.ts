/** TLS with openssl, socat, ncat and curl, each way. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Coax, PIPE, run, temporary } from "../e2e/coax.ts";
import { LARGE, randomBytes, sha256, unusedPort } from "../e2e/peers.ts";
import { authority, type Issued } from "../support/certificates.ts";
import { until } from "../support/wait.ts";
import { available, testWith } from "./peer_program.ts";

interface Files {
  cert: string;
  key: string;
  ca: string;
}

interface Program {
  name: string;
  available: boolean;
  /** May close with FIN alone: then the connection was cut, though every byte arrived. */
  cuts?: boolean;
  /** Connects, verifies, sends stdin and then EOF, prints the answer. */
  connect(port: number, files: Files): string[];
  /** The same with one connection that it accepts. */
  listen(port: number, files: Files): string[];
}

const openssl = {
  name: "openssl",
  available: available("openssl", ["version"], /OpenSSL/),
};

const socat: Program = {
  name: "socat",
  available: available("socat", ["-V"], /socat version/),
  connect: (port, { ca }) => [
    "socat",
    "-t30",
    "-",
    `OPENSSL:localhost:${port},pf=ip4,cafile=${ca},commonname=localhost`,
  ],
  listen: (port, { cert, key }) => [
    "socat",
    "-t30",
    "-",
    `OPENSSL-LISTEN:${port},bind=127.0.0.1,cert=${cert},key=${key},verify=0`,
  ],
};

const ncat: Program = {
  name: "ncat",
  available: available("ncat", ["--version"], /Ncat/),
  cuts: true,
  connect: (port, { ca }) => [
    ...["ncat", "--ssl-verify", "--ssl-trustfile", ca, "localhost", `${port}`, "-4"],
  ],
  listen: (port, { cert, key }) => [
    ...["ncat", "-l", "127.0.0.1", `${port}`, "--ssl", "--ssl-cert", cert, "--ssl-key", key],
  ],
};

const curl = { name: "curl", available: available("curl", ["--version"], /OpenSSL|GnuTLS/) };

const trusted = await authority();

async function files(certificate?: Issued): Promise<Files & AsyncDisposable> {
  const directory = await temporary();
  const { cert, key } = certificate ?? await trusted.issue();
  const write = async (name: string, text: string) => {
    const path = `${directory.path}/${name}`;
    await Deno.writeTextFile(path, text);
    return path;
  };
  return {
    cert: await write("cert.pem", cert),
    key: await write("key.pem", key),
    ca: await write("ca.pem", trusted.pem),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

const serving = ({ cert, key }: Files) => ["--cert", cert, "--key", key];

/** coax connects once the other program listens. */
const RETRY = ["--retry", "forever", "--retry-delay", "20ms"];

function portOf(address: string): number {
  return Number(address.split(":").at(-1));
}

for (const program of [socat, ncat]) {
  testWith(
    program,
    `${program.name} as a TLS client gets 8 MiB, and coax gets 8 MiB of it`,
    async () => {
      await using pem = await files();
      await using server = Coax.start(["server", "tls://127.0.0.1:0", ...serving(pem)], {
        stdin: PIPE,
      });
      const port = portOf(await server.address());
      const payload = randomBytes(LARGE);
      await using client = Coax.spawn(program.connect(port, pem), { stdin: PIPE });
      await exchange(server, client, payload, program);
    },
  );

  testWith(
    program,
    `${program.name} as a TLS server gets 8 MiB, and coax gets 8 MiB of it`,
    async () => {
      await using pem = await files();
      const port = unusedPort();
      const payload = randomBytes(LARGE);
      await using server = Coax.spawn(program.listen(port, pem), { stdin: PIPE });
      const args = ["client", ...RETRY, `tls://127.0.0.1:${port}`, "--ca", pem.ca];
      await using client = Coax.start(args, { stdin: PIPE });
      await exchange(client, server, payload, program);
    },
  );
}

/** Each sends 8 MiB; coax closes first, as ncat shows the last of it only then. */
async function exchange(
  coax: Coax,
  program: Coax,
  sent: Uint8Array,
  { cuts = false }: Program,
): Promise<void> {
  const payload = randomBytes(LARGE);
  await Promise.all([program.write(sent), coax.printsBytes(LARGE)]);
  await coax.write(payload);
  await coax.end();
  await program.printsBytes(LARGE);
  await program.end();
  const [ours, theirs] = await Promise.all([coax.exit(), program.exit()]);
  const cut = cuts && /TLS cut short|reset by peer/.test(ours.stderr);
  assertEquals(ours.status, cut ? 1 : 0, ours.stderr + theirs.stderr);
  assertEquals(await sha256(theirs.stdout), await sha256(payload));
  assertEquals(await sha256(ours.stdout), await sha256(sent));
}

testWith(openssl, "openssl s_client verifies coax and gets its answer", async () => {
  await using pem = await files();
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", ...serving(pem)]);
  for (const version of ["-tls1_2", "-tls1_3"]) {
    const address = `127.0.0.1:${portOf(await echo.address())}`;
    await using client = Coax.spawn(
      ["openssl", "s_client", "-connect", address, "-CAfile", pem.ca, "-verify_return_error"]
        .concat(["-verify_hostname", "localhost", "-quiet", "-no_ign_eof", version]),
      { stdin: PIPE },
    );
    await client.write("hello\n");
    await client.prints(/^hello$/m);
    await client.end();
    assertEquals((await client.exit()).status, 0, client.stderr);
  }
});

/** A server that sends every line back reversed. */
async function reversing(pem: Files, more: string[] = []): Promise<[Coax, string]> {
  const port = unusedPort();
  const server = Coax.spawn(
    ["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-cert", pem.cert, "-key", pem.key]
      .concat(["-CAfile", pem.ca, "-rev", ...more]),
  );
  await server.prints(/ACCEPT/);
  return [server, `tls://127.0.0.1:${port}`];
}

for (const version of ["-tls1_2", "-tls1_3"]) {
  testWith(openssl, `openssl s_server ${version} is verified, pinned and accepted`, async () => {
    const certificate = await trusted.issue();
    await using pem = await files(certificate);
    const [server, address] = await reversing(pem, [version]);
    await using _ = server;
    const pin = `sha256:${certificate.pin}`;
    for (
      const options of [["--ca", pem.ca], ["--pin", pin, "--ca", pem.ca], ["--pin", pin], [
        "--insecure",
      ]]
    ) {
      const args = ["client", address, ...options, "--expect", "olleh", "--within", "5s"];
      const { status, stderr } = await run(args, { stdin: "hello\n" });
      assertEquals(status, 0, stderr);
    }
  });
}

testWith(
  openssl,
  "a server that asks for a client certificate gets it, or coax reports that it wants one",
  async () => {
    await using pem = await files();
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const [server, address] = await reversing(pem, ["-Verify", "1", version]);
      await using _ = server;
      const client = ["--client-cert", pem.cert, "--client-key", pem.key];
      for (
        const options of [
          ["--ca", pem.ca, ...client],
          ["--ca", pem.ca, ...client, "--server-name", "localhost"],
          ["--insecure", ...client],
        ]
      ) {
        const args = ["client", address, ...options, "--expect", "olleh", "--within", "5s"];
        const { status, stderr } = await run(args, { stdin: "hello\n" });
        assertEquals(status, 0, stderr);
      }
      const { status, stderr } = await run(["client", address, "--ca", pem.ca], { stdin: "x\n" });
      assertEquals(status, 6, stderr);
      assertStringIncludes(stderr, "--client-cert FILE --client-key FILE");
    }
  },
);

testWith(
  openssl,
  "a client certificate doesn't take the place of verifying the server",
  async () => {
    await using pem = await files();
    const [server, address] = await reversing(pem);
    await using _ = server;
    const client = ["--client-cert", pem.cert, "--client-key", pem.key];
    for (const options of [[], ["--ca", pem.ca, "--server-name", "other.example"]]) {
      const { status, stderr } = await run(["client", address, ...client, ...options]);
      assertEquals(status, 6, stderr);
      assertMatch(stderr, /issuer of the certificate is unknown|not for other\.example/);
    }
  },
);

testWith(openssl, "a server without TLS 1.2 and 1.3 is reported as that", async () => {
  await using pem = await files();
  const [server, address] = await reversing(pem, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
  await using _ = server;
  const { status, stderr } = await run(["client", address, "--ca", pem.ca]);
  assertEquals(status, 6, stderr);
  assertMatch(stderr, /TLS (1\.2 or 1\.3|version)/);
});

/** openssl's output for a received close_notify. */
const NOTIFIED = /<<< TLS 1\.[23], Alert \[length 0002\], warning close_notify/;

for (const version of ["-tls1_2", "-tls1_3"]) {
  testWith(openssl, `openssl s_client ${version} is sent close_notify by --expect`, async () => {
    await using pem = await files();
    const args = ["server", "--expect", "hello", "tls://0", ...serving(pem)];
    await using server = Coax.start(args, { stdin: PIPE });
    const address = `127.0.0.1:${portOf(await server.address())}`;
    const words = ["openssl", "s_client", "-connect", address, "-CAfile", pem.ca, "-msg", version];
    await using client = Coax.spawn(words, { stdin: PIPE });
    await client.write("hello\n");
    await client.prints(NOTIFIED);
    assertEquals((await server.exit()).status, 0, server.stderr);
  });

  testWith(openssl, `openssl s_server ${version} is sent close_notify by --expect`, async () => {
    await using pem = await files();
    const [server, address] = await reversing(pem, ["-msg", version]);
    await using _ = server;
    const options = ["--send", "olleh\\n", "--expect", "hello", "--ca", pem.ca];
    const { status, stderr } = await run(["client", address, ...options], { stdin: PIPE });
    assertEquals(status, 0, stderr);
    await server.prints(NOTIFIED);
  });
}

testWith(openssl, "a TLS connection that is reset is status 1, and reported as reset", async () => {
  await using pem = await files();
  await using server = Coax.start(["server", "tls://127.0.0.1:0", ...serving(pem)], {
    stdin: PIPE,
  });
  const port = portOf(await server.address());
  await using client = Coax.spawn(
    ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet"],
    { stdin: PIPE },
  );
  await client.write("hello\n");
  await server.prints(/hello/);
  // A process that dies with bytes unread in its socket sends RST (RFC 2525 §2.17).
  client.signal("SIGSTOP");
  await server.write("never read\n");
  await until(() => unread(port) > 0, "our bytes are in its socket");
  client.signal("SIGKILL");
  const { status, stderr } = await server.exit();
  assertEquals(status, 1, stderr);
  assertStringIncludes(stderr, "reset by peer");
});

testWith(
  curl,
  "curl speaks HTTPS through a relay that terminates TLS, and one that originates it",
  async () => {
    await using pem = await files();
    const http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("over TLS\n"),
    );
    const target = `127.0.0.1:${http.addr.port}`;
    await using terminating = Coax.start(["relay", "tls://127.0.0.1:0", target, ...serving(pem)]);
    const secure = await terminating.address();
    await using originating = Coax.start(["relay", "127.0.0.1:0", secure, "--ca", pem.ca]);
    const plain = await originating.address();
    const urls = [`https://localhost:${portOf(secure)}/`, `http://127.0.0.1:${portOf(plain)}/`];
    for (const url of urls) {
      await using client = Coax.spawn(["curl", "-sS", "-4", "--cacert", pem.ca, url]);
      const { out, stderr } = await client.exit();
      assertEquals(out, "over TLS\n", stderr);
    }
    await http.shutdown();
  },
);

/** Bytes that wait in the sockets that are connected to a port of 127.0.0.1 (proc_net_tcp(5)). */
function unread(port: number): number {
  const peer = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = Deno.readTextFileSync("/proc/net/tcp").split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
  const queues = sockets.filter((columns) => columns[2] === peer).map((columns) => columns[4]!);
  return queues.reduce((sum, queue) => sum + parseInt(queue.split(":")[1]!, 16), 0);
}
