/**
 * TLS from the command line: certificates, checks, statuses, relays that terminate and originate.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { authority, type Issued, selfMade } from "../support/certificates.ts";
import { wire } from "../support/wire.ts";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { connectTo, LARGE, listenHere, randomBytes, receiveText, send, sha256 } from "./peers.ts";

const trusted = await authority();

/** Writes a certificate and its key, and the authority's; the paths are options. */
async function files(certificate?: Issued) {
  const directory = await temporary();
  const { cert, key } = certificate ?? await trusted.issue();
  const paths = {
    cert: `${directory.path}/cert.pem`,
    key: `${directory.path}/key.pem`,
    ca: `${directory.path}/ca.pem`,
  };
  await Deno.writeTextFile(paths.cert, cert);
  await Deno.writeTextFile(paths.key, key);
  await Deno.writeTextFile(paths.ca, trusted.pem);
  return {
    ...paths,
    directory: directory.path,
    serving: ["--cert", paths.cert, "--key", paths.key],
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function pinOf(coax: Coax): Promise<string> {
  return (await coax.logs(/^pin (sha256:[0-9a-f]{64})$/m))[1]!;
}

Deno.test("a self-signed server and a client with its pin talk, 8 MiB each way", async () => {
  const [toServer, toClient] = [randomBytes(LARGE), randomBytes(LARGE)];
  await using server = Coax.start(["server", "tls://0", "--self-signed"], { stdin: toClient });
  const [pin, address] = [await pinOf(server), await server.address()];
  const client = await run(["client", address, "--pin", pin], { stdin: toServer });
  const exit = await server.exit();
  assertEquals([client.status, exit.status], [0, 0], client.stderr + exit.stderr);
  assertEquals(await sha256(client.stdout), await sha256(toClient));
  assertEquals(await sha256(exit.stdout), await sha256(toServer));
});

Deno.test("a client whose server has sent EOF first still delivers everything", async () => {
  const upload = randomBytes(LARGE);
  await using server = Coax.start(["server", "tls://0", "--self-signed"], { stdin: "" });
  const [pin, address] = [await pinOf(server), await server.address()];
  const client = await run(["client", address, "--pin", pin], { stdin: upload });
  const exit = await server.exit();
  assertEquals([client.status, exit.status], [0, 0], client.stderr + exit.stderr);
  assertEquals(await sha256(exit.stdout), await sha256(upload));
});

Deno.test("a certificate from a file is checked against --ca, by the host's name", async () => {
  await using pem = await files();
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", ...pem.serving]);
  const address = await echo.address();
  const port = address.split(":").at(-1);
  for (const shown of [address, `tls://localhost:${port}`, `tls://${port}`]) {
    const { status, out, stderr } = await run(["client", shown, "--ca", pem.ca], { stdin: "x\n" });
    assertEquals([status, out], [0, "x\n"], stderr);
  }
});

Deno.test("the system's own authorities are trusted", async () => {
  await using pem = await files();
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", ...pem.serving]);
  // The default of OpenSSL and its followers. The other variable is for coax alone.
  const env: Record<string, string> = { ...Deno.env.toObject(), SSL_CERT_FILE: pem.ca };
  delete env.DENO_TLS_CA_STORE;
  const options = { stdin: "x\n", env, clearEnv: true };
  const { status, stderr } = await run(["client", await echo.address()], options);
  assertEquals(status, 0, stderr);
});

interface Refused {
  name: string;
  server: () => Promise<Issued>;
  options: (pem: { ca: string }) => string[];
  message: RegExp;
}

const refused: Refused[] = [
  {
    name: "an unknown issuer",
    server: () => trusted.issue(),
    options: () => [],
    message: /--ca FILE/,
  },
  {
    name: "another name",
    server: () => trusted.issue({ names: ["other.example"] }),
    options: ({ ca }) => ["--ca", ca],
    message: /not for 127\.0\.0\.1 but for other\.example.*--server-name/,
  },
  {
    name: "a wrong --server-name",
    server: () => trusted.issue(),
    options: ({ ca }) => ["--ca", ca, "--server-name", "wanted.example"],
    message: /not for wanted\.example/,
  },
  {
    name: "an expired certificate",
    server: () => trusted.issue({ days: [-9, -2] }),
    options: ({ ca }) => ["--ca", ca],
    message: /expired on/,
  },
  {
    name: "an authority's certificate",
    server: () => trusted.issue({ ca: true }),
    options: ({ ca }) => ["--ca", ca],
    message: /CA:FALSE.*--pin/,
  },
  {
    name: "another pin",
    server: () => selfMade(),
    options: () => ["--pin", `sha256:${"ab".repeat(32)}`],
    message:
      /pin mismatch: expected the certificate sha256:(ab){32}, the peer has sha256:[0-9a-f]{64}/,
  },
];

for (const { name, server, options, message } of refused) {
  Deno.test(`status 6 and one line for ${name}, and not a byte of stdin leaves`, async () => {
    await using pem = await files(await server());
    await using sink = Coax.start(["server", "-kv", "tls://127.0.0.1:0", ...pem.serving]);
    const address = await sink.address();
    const client = await run(["client", "-q", address, ...options(pem)], { stdin: "secret\n" });
    assertEquals(client.status, 6, client.stderr);
    assertMatch(client.stderr, new RegExp(`^coax: handshake ${address}: .*\\n$`));
    assertMatch(client.stderr, message);
    await sink.logs(/handshake 127\.0\.0\.1:\d+: /);
    sink.signal("SIGTERM");
    assertEquals((await sink.exit()).out, "");
  });
}

Deno.test("--insecure takes any certificate, warns, and closes when the peer is silent", async () => {
  await using pem = await files(await selfMade({ days: [-9, -2], names: [] }));
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", ...pem.serving]);
  const answer = await run(["client", await echo.address(), "--insecure"], { stdin: "x\n" });
  assertEquals([answer.status, answer.out], [0, "x\n"], answer.stderr);
  assertMatch(answer.stderr, /^--insecure: .*\n$/);

  await using silent = Coax.start(["server", "-k", "tls://127.0.0.1:0", ...pem.serving], {
    stdin: PIPE,
  });
  const options = ["--insecure", "--linger", "100ms"];
  const exit = await run(["client", await silent.address(), ...options], { stdin: "x\n" });
  assertEquals(exit.status, 0, exit.stderr);
});

Deno.test("-q takes the warning of --insecure away", async () => {
  await using pem = await files();
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", ...pem.serving]);
  const { stderr } = await run(["client", "-q", await echo.address(), "--insecure"]);
  assertEquals(stderr, "");
});

Deno.test("status 1 when TLS is cut short, on both sides", async () => {
  await using server = Coax.start(["server", "tls://127.0.0.1:0", "--self-signed"], {
    stdin: PIPE,
  });
  const [pin, address] = [await pinOf(server), await server.address()];
  using line = wire(() => Number(address.split(":").at(-1)));
  await using client = Coax.start(["client", `tls://127.0.0.1:${line.port}`, "--pin", pin], {
    stdin: PIPE,
  });
  await client.write("x");
  await server.prints(/x/);
  line.cut();
  for (const side of [client, server]) {
    const { status, stderr } = await side.exit();
    assertEquals(status, 1, stderr);
    assertStringIncludes(stderr, "TLS cut short");
  }
});

Deno.test("a relay terminates TLS, and half-close passes through", async () => {
  using target = listenHere();
  await using relay = Coax.start(["relay", "tls://0", target.address, "--self-signed"]);
  const [pin, address] = [await pinOf(relay), await relay.address()];
  await using client = Coax.start(["client", address, "--pin", pin], { stdin: "question" });
  const conn = await target.accept();
  assertEquals(await receiveText(conn), "question");
  await send(conn, "answer");
  conn.close();
  const { status, out } = await client.exit();
  assertEquals([status, out], [0, "answer"]);
});

Deno.test("a relay originates TLS, and half-close passes through", async () => {
  await using pem = await files();
  await using server = Coax.start(["server", "tls://127.0.0.1:0", ...pem.serving], {
    stdin: PIPE,
  });
  await using relay = Coax.start(["relay", "0", await server.address(), "--ca", pem.ca]);
  const conn = await connectTo(await relay.address());
  await send(conn, "question");
  await conn.closeWrite();
  await server.prints(/^question$/);
  await server.write("answer");
  await server.end();
  assertEquals(await receiveText(conn), "answer");
  conn.close();
  assertEquals((await server.exit()).status, 0);
});

Deno.test("a relay that can't verify its target logs it and closes the client", async () => {
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", "--self-signed"]);
  await using relay = Coax.start(["relay", "0", await echo.address()]);
  const conn = await connectTo(await relay.address());
  assertEquals(await receiveText(conn), "");
  conn.close();
  await relay.logs(/coax: \[1\] handshake tls:.*issuer of the certificate is unknown/);
});

Deno.test("plaintext to a TLS port is a line in the log, and the server still waits", async () => {
  await using server = Coax.start(["server", "tls://127.0.0.1:0", "--self-signed"]);
  const [pin, address] = [await pinOf(server), await server.address()];
  const plain = await connectTo(address.replace("tls:", "tcp:"));
  await send(plain, "GET / HTTP/1.1\r\n\r\n");
  await server.logs(/coax: \[1\] handshake 127\.0\.0\.1:\d+: the peer doesn't speak TLS/);
  plain.close();
  const client = await run(["client", address, "--pin", pin], { stdin: "x" });
  assertEquals([client.status, (await server.exit()).out], [0, "x"]);
});

Deno.test("--handshake-timeout ends a peer that says nothing", async () => {
  const options = ["--self-signed", "--handshake-timeout", "100ms"];
  await using server = Coax.start(["echo", "tls://127.0.0.1:0", ...options]);
  const plain = await connectTo((await server.address()).replace("tls:", "tcp:"));
  await server.logs(/handshake 127\.0\.0\.1:\d+: timed out after 100 ms/);
  plain.close();
});

Deno.test("status 5 when a server is silent in the handshake", async () => {
  using target = listenHere();
  const args = ["client", `tls://${target.address}`, "--connect-timeout", "200ms"];
  const { status, stderr } = await run(args);
  assertEquals(status, 5);
  assertStringIncludes(stderr, "handshake tls://");
  (await target.accept()).close();
});

Deno.test("-v logs the handshake, JSON has its pin, and no key is ever shown", async () => {
  await using pem = await files();
  const key = (await Deno.readTextFile(pem.key)).split("\n")[1]!;
  await using echo = Coax.start([
    "echo",
    "-vv",
    "tls://127.0.0.1:0",
    "--alpn",
    "x",
    ...pem.serving,
  ]);
  const options = ["-vv", "--log-format", "json", "--alpn", "y,x", "--ca", pem.ca];
  const { stderr } = await run(["client", await echo.address(), ...options], { stdin: "x\n" });
  const events = stderr.trim().split("\n").map((line) => JSON.parse(line));
  const handshake = events.find(({ event }) => event === "handshake");
  assertEquals(handshake.protocol, "x");
  assertMatch(handshake.pin, /^sha256:[0-9a-f]{64}$/);
  assertStringIncludes(handshake.certificate, "DNS:localhost");
  await echo.logs(/TLS handshake with 127\.0\.0\.1:\d+: done in .*; protocol x/);
  assert(!stderr.includes(key) && !echo.stderr.includes(key));
});

Deno.test("--self-signed makes one certificate for all addresses of a command", async () => {
  await using echo = Coax.start(["echo", "tls://0", "tls://127.0.0.2:0", "--self-signed"]);
  const addresses = await echo.listening(3);
  const pin = await pinOf(echo);
  assertEquals(echo.stderr.match(/^pin /gm)?.length, 1);
  for (const address of addresses) {
    const { status, stderr } = await run(["client", address, "--pin", pin], { stdin: "x\n" });
    assertEquals(status, 0, stderr);
  }
});

Deno.test("status 2 names the option and the file of what can't be used", async () => {
  await using pem = await files();
  const other = await selfMade();
  const otherKey = `${pem.directory}/other.key`;
  const empty = `${pem.directory}/empty`;
  const encrypted = `${pem.directory}/encrypted`;
  await Deno.writeTextFile(otherKey, other.key);
  await Deno.writeTextFile(empty, "");
  await Deno.writeTextFile(encrypted, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  const broken = `${pem.directory}/broken`;
  await Deno.writeTextFile(broken, pemOf("AAAA"));
  const cases: [string[], RegExp][] = [
    [["echo", "tls://0"], /"tls:\/\/0": needs --cert FILE --key FILE, or --self-signed/],
    [["relay", "tls://0", "9"], /needs --cert FILE --key FILE, or --self-signed/],
    [["echo", "tls://0", "--cert", pem.cert], /--cert: needs --key FILE/],
    [["echo", "tls://0", "--key", pem.key], /--key: needs --cert FILE/],
    [["echo", "tls://0", "--cert", "/none"], /--cert \/none: can't be read: no such file/],
    [
      ["echo", "tls://0", "--cert", empty, "--key", pem.key],
      /--cert \S*empty: holds no certificate/,
    ],
    [["echo", "tls://0", "--cert", pem.cert, "--key", pem.cert], /--key \S+: holds no private key/],
    [
      ["echo", "tls://0", "--cert", pem.cert, "--key", encrypted],
      /--key \S+: the key is encrypted/,
    ],
    [["echo", "tls://0", "--cert", pem.cert, "--key", otherKey], /--key \S+: isn't the key of/],
    [["echo", "tls://0", "--cert", broken, "--key", pem.key], /--cert \S+: can't be read/],
    [["echo", "tls://0", "--self-signed", ...pem.serving], /--self-signed: excludes --cert/],
    [["client", "tls://9", "--ca", empty], /--ca \S*empty: holds no certificate/],
    [["wait", "tls://9", "--ca", "/none"], /--ca \/none: can't be read: no such file/],
    [["relay", "0", "wss://9", "--ca", "/none"], /--ca \/none: can't be read: no such file/],
    [["client", "tls://9", "--client-cert", "/none"], /--client-cert \/none: can't be read/],
    [["client", "tls://9", "--client-cert", pem.cert], /--client-cert: needs --client-key FILE/],
    [
      ["relay", "0", "tls://9", "--client-cert", pem.cert, "--client-key", otherKey],
      /--client-key \S+: isn't the key of --client-cert/,
    ],
    [["client", "tls://9", "--pin", "sha256:12"], /--pin sha256:12: expected sha256: and 64/],
    [["client", "tls://9", "--server-name", "a b"], /--server-name a b: expected a host name/],
    [["client", "tls://9", "--alpn", ","], /--alpn ,: expected names of protocols/],
  ];
  for (const [args, message] of cases) {
    const { status, stderr } = await run(args);
    assertEquals(status, 2, `${args.join(" ")}\n${stderr}`);
    assertMatch(stderr, message);
    assertMatch(stderr, /Try 'coax \w+ --help'/);
    assert(!/listening/.test(stderr), stderr);
  }
});

function pemOf(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}
