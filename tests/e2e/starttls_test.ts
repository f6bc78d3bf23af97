/** `--starttls`: TLS after a beginning in the clear, in which nothing of the payload is said. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { Coax, run } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

const trusted = await authority();

/** Reads a line from the client, and answers. */
type Turn = readonly [expected: RegExp, answer: string];

const SMTP = {
  greeting: "220 mx.example ready\r\n",
  turns: [[/^EHLO /, "250-mx.example\r\n250 STARTTLS\r\n"], [/^STARTTLS$/, "220 go ahead\r\n"]],
} as const satisfies { greeting: string; turns: readonly Turn[] };

/** A server that begins in the clear, and whose TLS is that of a coax echo. */
async function mailServer(turns: readonly Turn[] = SMTP.turns) {
  const stack = new AsyncDisposableStack();
  const files = stack.use(await tlsFiles(trusted));
  const echo = stack.use(Coax.start(["echo", "tls://127.0.0.1:0", ...files.serving]));
  const backend = (await echo.address()).replace("tls:", "tcp:");
  const listener = stack.use(listenHere());
  const said: string[] = [];
  const serve = async (conn: Deno.TcpConn) => {
    await send(conn, SMTP.greeting);
    for (const [expected, answer] of turns) {
      let line = "";
      while (!line.endsWith("\r\n")) line += await receiveText(conn, 1);
      said.push(line.trim());
      assertMatch(line.trim(), expected);
      await send(conn, answer);
    }
    using tls = await connectTo(backend);
    await Promise.all([carry(conn, tls), carry(tls, conn)]);
  };
  const served: Promise<void>[] = [];
  let open = true;
  (async () => {
    while (open) {
      const conn = await listener.accept().catch(() => undefined);
      if (conn) served.push(serve(conn).catch(() => {}).finally(() => tryClose(conn)));
      else open = false;
    }
  })();
  const port = /:(\d+)$/.exec(listener.address)![1]!;
  return {
    address: `tls://localhost:${port}`,
    trusting: files.trusting,
    said,
    async [Symbol.asyncDispose]() {
      open = false;
      await stack.disposeAsync();
      await Promise.all(served);
    },
  };
}

async function carry(source: Deno.Conn, sink: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  for (let count; (count = await source.read(buffer)) !== null;) {
    await send(sink, buffer.subarray(0, count));
  }
  await sink.closeWrite();
}

function tryClose(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // The stream has closed it.
  }
}

Deno.test("client, wait and a relay's target go on with TLS after STARTTLS", async () => {
  await using server = await mailServer();
  const { address, trusting } = server;
  const options = ["--starttls", "smtp", ...trusting];
  const client = await run(["client", address, ...options], { stdin: "hello" });
  assertEquals([client.status, client.out], [0, "hello"], client.stderr);
  const wait = await run(["wait", address, ...options, "--timeout", "10s"]);
  assertEquals(wait.status, 0, wait.stderr);
  await using relay = Coax.start(["relay", "127.0.0.1:0", address, ...options]);
  const through = await run(["client", await relay.address()], { stdin: "plain" });
  assertEquals([through.status, through.out], [0, "plain"], through.stderr);
});

Deno.test("a pin holds after STARTTLS, and a certificate that isn't trusted is status 6", async () => {
  await using server = await mailServer();
  const command = ["client", server.address, "--starttls", "smtp"];
  const untrusted = await run(command, { stdin: "secret" });
  assertEquals([untrusted.status, untrusted.out], [6, ""]);
  const wrong = await run([...command, "--pin", `sha256:${"0".repeat(64)}`], { stdin: "secret" });
  assertEquals(wrong.status, 6);
  const pin = /sha256:[0-9a-f]{64}/.exec(wrong.stderr.replace(`sha256:${"0".repeat(64)}`, ""))![0];
  const good = await run([...command, "--pin", pin], { stdin: "hello" });
  assertEquals([good.status, good.out], [0, "hello"], good.stderr);
});

for (
  const [what, turns, reason] of [
    ["offers none", [[/^EHLO /, "250 HELP\r\n"]], "it offers no STARTTLS"],
    [
      "refuses it",
      [SMTP.turns[0], [/^STARTTLS$/, "454 not \x1b[31mnow\r\n"]],
      "it refuses STARTTLS: 454 not \\x1b[31mnow",
    ],
    [
      "says more in the clear",
      [SMTP.turns[0], [/^STARTTLS$/, "220 go ahead\r\n250 injected\r\n"]],
      "it has sent more in the clear, behind its consent",
    ],
  ] as [string, Turn[], string][]
) {
  Deno.test(`a server that ${what} is status 6, and gets no byte of the payload`, async () => {
    await using server = await mailServer(turns);
    const options = ["--starttls", "smtp", ...server.trusting];
    const exit = await run(["client", server.address, ...options], { stdin: "MAIL FROM:<secret>" });
    assertEquals([exit.status, exit.out], [6, ""]);
    assertStringIncludes(exit.stderr, `starttls ${server.address}: ${reason}`);
    assert(!server.said.join().includes("secret"), `${server.said}`);
  });
}

Deno.test("--starttls is for tls:// alone, and knows its protocols", async () => {
  const plain = await run(["client", "h:25", "--starttls", "smtp"]);
  assertStringIncludes(plain.stderr, "--starttls: h:25 is plain TCP; did you mean tls://h:25?");
  const unknown = await run(["client", "tls://h:25", "--starttls", "smpt"]);
  assertEquals([plain.status, unknown.status], [2, 2]);
  assertStringIncludes(
    unknown.stderr,
    "expected one of smtp, imap, pop3, ftp, postgres, ldap, xmpp",
  );
});
