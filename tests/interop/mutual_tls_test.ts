/** `--client-ca` with openssl, curl and coax as clients. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Coax, PIPE, run } from "../e2e/coax.ts";
import { authority, type Issued } from "../support/certificates.ts";
import { mutualTest } from "../support/mutual.ts";
import { certificate, file } from "../support/openssl_files.ts";

const servers = await authority("Servers");
const clients = await authority("Clients");
const between = await clients.delegate("Between");
const strangers = await authority("Strangers");

const own = await servers.issue();
const ca = file("servers.pem", servers.pem);
const SERVING = ["--cert", file("cert.pem", own.cert), "--key", file("key.pem", own.key)];
const ASKING = [...SERVING, "--client-ca", file("clients.pem", clients.pem)];

/** A certificate with its chain and its key in one file. */
const identityFile = (name: string, { cert, key }: Issued, chain = "") =>
  file(`${name}.pem`, `${cert}\n${chain}\n${key}`);

const good = identityFile("good", await clients.issue());
const belowIssued = await between.issue();
const below = identityFile("below", belowIssued);
const chained = identityFile("chained", belowIssued, between.pem);
const stranger = identityFile("stranger", await strangers.issue());
const expired = identityFile("expired", await clients.issue({ days: [-9, -2] }));

const listen = (...options: string[]) =>
  Coax.start(["echo", "tls://127.0.0.1:0", ...(options.length > 0 ? options : ASKING)]);
const portOf = (address: string) => address.split(":").at(-1)!.replace(/\/.*/, "");

/** `openssl s_client`, which ends at the EOF of its stdin. */
async function sClient(echo: Coax, version: string, identity?: string, more: string[] = []) {
  const address = `127.0.0.1:${portOf(await echo.address())}`;
  const show = identity ? ["-cert", identity, "-key", identity, "-cert_chain", identity] : [];
  const words = ["openssl", "s_client", "-connect", address, "-CAfile", ca, version];
  return Coax.spawn([...words, ...show, ...more], { stdin: PIPE });
}

/** What the listener's log says of a refused client, and openssl of the alert in TLS 1.2. */
const REFUSED: [what: string, identity: string | undefined, reason: RegExp, alert: RegExp][] = [
  ["no certificate", undefined, /has shown no certificate/, /alert handshake failure/],
  ["a stranger's certificate", stranger, /issuer .* is unknown .*CN=issued/, /alert unknown ca/],
  ["half a chain", below, /issuer .* is unknown/, /alert unknown ca/],
  ["an expired certificate", expired, /has expired/, /alert certificate expired/],
];

for (const version of ["-tls1_2", "-tls1_3"]) {
  for (const [what, identity] of [["a certificate", good], ["a chain", chained]] as const) {
    mutualTest(`openssl s_client ${version} with ${what} gets in`, async () => {
      await using echo = listen();
      await using client = await sClient(echo, version, identity);
      await client.write("there and back\n");
      await client.prints(/there and back/);
    });
  }

  for (const [what, identity, reason, alert] of REFUSED) {
    mutualTest(`openssl s_client ${version} with ${what} is refused`, async () => {
      await using echo = listen();
      await using client = await sClient(echo, version, identity);
      const { status, stderr } = await client.exit();
      assert(status !== 0, stderr);
      // In TLS 1.3 the runtime has no way to send the alert, and the connection is reset.
      assertMatch(stderr, version === "-tls1_2" ? alert : /errno=104/);
      await echo.logs(reason);
    });
  }

  mutualTest(`openssl s_client ${version} resumes a session that was let in`, async () => {
    await using echo = listen();
    const session = file(`session${version}`);
    await using first = await sClient(echo, version, good, ["-sess_out", session]);
    await first.write("first\n");
    await first.prints(/first\n/);
    await first.end();
    await first.exit();
    await using second = await sClient(echo, version, good, ["-sess_in", session]);
    await second.write("second\n");
    await second.prints(/Reused, TLSv1[^]*second\n/);
  });

  mutualTest(`openssl s_client ${version} that is refused gets no session to resume`, async () => {
    await using echo = listen();
    const session = file(`refused${version}`);
    await using client = await sClient(echo, version, stranger, ["-sess_out", session]);
    await client.exit();
    assertEquals(await Deno.readTextFile(session), "");
  });
}

mutualTest("a certificate of version 1 is refused, though it is in --client-ca", async () => {
  const made = certificate("ec");
  const old = made.cert.replace(/\.crt$/, ".v1.crt");
  await using echo = listen(...SERVING, "--client-ca", old);
  await using client = await sClient(echo, "-tls1_3", old, ["-key", made.key]);
  assertMatch((await client.exit()).stderr, /errno=104/);
  await echo.logs(/isn't of X\.509 version 3/);
});

mutualTest("curl gets in with a certificate, and not without", async () => {
  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("let in\n"),
  );
  const target = `127.0.0.1:${http.addr.port}`;
  await using relay = Coax.start(["relay", "tls://127.0.0.1:0", target, ...ASKING]);
  const url = `https://localhost:${portOf(await relay.address())}/`;
  const curl = ["curl", "-sS", "-4", "--cacert", ca, url];
  await using shown = Coax.spawn([...curl, "--cert", good]);
  assertEquals((await shown.exit()).out, "let in\n", shown.stderr);
  for (const version of [["--tls-max", "1.2"], ["--tlsv1.3"]]) {
    await using hidden = Coax.spawn([...curl, ...version]);
    const { status, out } = await hidden.exit();
    assertEquals(out, "");
    assertMatch(`${status}`, /^(35|55|56)$/);
  }
  await relay.logs(/has shown no certificate[^]*has shown no certificate/);
  await http.shutdown();
});

mutualTest("a silent client makes room for one with a certificate", async () => {
  await using echo = listen(...ASKING, "--max-connections", "1");
  const address = await echo.address();
  using _ = await Deno.connect({ hostname: "127.0.0.1", port: Number(portOf(address)) });
  const words = ["client", address, "--ca", ca, "--client-cert", good, "--client-key", good];
  const { status, out, stderr } = await run([...words, "--send", "in\\n"]);
  assertEquals([status, out], [0, "in\n"], stderr);
});

for (const scheme of ["tls", "wss"]) {
  mutualTest(`coax client ${scheme}:// gets in with --client-cert, and not without`, async () => {
    await using echo = Coax.start(["echo", `${scheme}://127.0.0.1:0`, "-v", ...ASKING]);
    const words = ["client", await echo.address(), "--ca", ca, "--send", "hello\\n"];
    const shown = await run([...words, "--client-cert", good, "--client-key", good]);
    assertEquals([shown.status, shown.out], [0, "hello\n"], shown.stderr);
    await echo.logs(/certificate of CN=issued, DNS:localhost/);
    const hidden = await run(words);
    assertMatch(`${hidden.status}`, /^[16]$/);
    assertEquals(hidden.out, "");
    await echo.logs(/has shown no certificate/);
  });
}

for (const command of ["server", "chat"]) {
  mutualTest(`${command} asks for a certificate too`, async () => {
    const scheme = command === "chat" ? "wss" : "tls";
    await using asking = Coax.start([command, `${scheme}://127.0.0.1:0`, ...ASKING], {
      stdin: PIPE,
    });
    const { status } = await run(["client", await asking.address(), "--ca", ca, "--send", "x"]);
    assertMatch(`${status}`, /^[16]$/);
    await asking.logs(/has shown no certificate/);
  });
}

mutualTest("a peer's name is escaped in the log", async () => {
  const named = await clients.issue({ subject: "CN=\u001b[31mred" });
  const identity = identityFile("named", named);
  await using echo = Coax.start(["echo", "tls://127.0.0.1:0", "-v", ...ASKING]);
  const words = ["client", await echo.address(), "--ca", ca, "--send", "x"];
  const { stderr } = await run([...words, "--client-cert", identity, "--client-key", identity]);
  assertEquals(stderr, "");
  await echo.logs(/certificate of CN=\\x1b\[31mred/);
});

mutualTest(
  "a file of --client-ca that can't be used is status 2, before anything is bound",
  async () => {
    for (const [path, reason] of [["/nowhere.pem", "/nowhere.pem"], [own.key, ""]] as const) {
      const given = path.startsWith("/") ? path : file("key-only.pem", path);
      const { status, stderr } = await run([
        "echo",
        "tls://127.0.0.1:0",
        ...SERVING,
        "--client-ca",
        given,
      ]);
      assertEquals(status, 2, stderr);
      assertStringIncludes(stderr, "--client-ca");
      assertStringIncludes(stderr, reason);
    }
  },
);
