/** How each protocol goes from clear text to TLS, whatever the server says. */
import { assertEquals, assertRejects } from "@std/assert";
import { BrokenError, TimeoutError, TlsError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { takeExactly } from "../../src/core/take.ts";
import { startTlsIn } from "../../src/transports/tls/starttls.ts";
import type { StartTlsProtocol } from "../../src/transports/tls/starttls_protocols.ts";
import { memoryPair } from "../support/memory.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));
const OK_LDAP = hex("30 0c 02 01 01 78 07 0a 01 00 04 00 04 00");

/** What each side says in turn; the last is the server's consent. */
const TALKS: Record<
  StartTlsProtocol,
  readonly (readonly ["server" | "client", string | Uint8Array])[]
> = {
  smtp: [
    ["server", "220-mx.example ESMTP\r\n220 ready\r\n"],
    ["client", "EHLO localhost\r\n"],
    ["server", "250-mx.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 HELP\r\n"],
    ["client", "STARTTLS\r\n"],
    ["server", "220 2.0.0 go ahead\r\n"],
  ],
  imap: [
    ["server", "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"],
    ["client", "a1 STARTTLS\r\n"],
    ["server", "* 1 EXISTS\r\na1 OK begin TLS\r\n"],
  ],
  pop3: [
    ["server", "+OK POP3 ready\r\n"],
    ["client", "STLS\r\n"],
    ["server", "+OK begin TLS\r\n"],
  ],
  ftp: [
    ["server", "220-welcome\r\n220 ready\r\n"],
    ["client", "AUTH TLS\r\n"],
    ["server", "234 proceed\r\n"],
  ],
  postgres: [["client", hex("00000008 04d2162f")], ["server", "S"]],
  ldap: [
    ["client", hex("301d02010177188016312e332e362e312e342e312e313436362e3230303337")],
    ["server", OK_LDAP],
  ],
  xmpp: [
    [
      "client",
      "<?xml version='1.0'?><stream:stream to='mail.example' version='1.0' " +
      "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    ],
    [
      "server",
      "<?xml version='1.0'?><stream:stream id='ü' version='1.0'><stream:features>" +
      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
    ],
    ["client", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
    ["server", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  ],
};
const PROTOCOLS = Object.keys(TALKS) as StartTlsProtocol[];

const bytesOf = (data: string | Uint8Array) =>
  typeof data === "string" ? new TextEncoder().encode(data) : data;

/** Talks as in `TALKS`: the server in pieces of `size`, with `more` behind its last turn. */
async function talk(protocol: StartTlsProtocol, size: number, more = "") {
  const [client, server] = memoryPair();
  const options = { protocol, host: "mail.example", peer: "tls://x", timeout: 5000, log: silent };
  const asked = startTlsIn(client, options);
  asked.catch(() => {});
  const turns = TALKS[protocol];
  for (const [i, [who, data]] of turns.entries()) {
    const bytes = bytesOf(data);
    if (who === "client") {
      assertEquals(await takeExactly(server, bytes.length), bytes, protocol);
      continue;
    }
    const all = i === turns.length - 1 ? new Uint8Array([...bytes, ...bytesOf(more)]) : bytes;
    for (let at = 0; at < all.length; at += size) await server.write(all.subarray(at, at + size));
  }
  await asked;
  return [client, server] as const;
}

for (const protocol of PROTOCOLS) {
  Deno.test(`${protocol} goes on with TLS, however its bytes are cut`, async () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const [client, server] = await talk(protocol, size);
      await server.write(hex("160301"));
      assertEquals(await takeExactly(client, 3), hex("160301"), "what follows is TLS's");
    }
  });

  Deno.test(`${protocol}: what is sent in the clear behind the consent is refused`, async () => {
    await assertRejects(() => talk(protocol, 1000, "\r\nevil\r\n"), TlsError, "behind its consent");
  });

  Deno.test(`${protocol}: an end, silence or noise before the consent is an error`, async () => {
    const options = { protocol, host: "h", peer: "tls://x", log: silent };
    for (const noise of ["", "HTTP/1.1 400 Bad\r\n\r\n", "\0\0\0\0\0\0\r\n", "x".repeat(20_000)]) {
      const [client, server] = memoryPair();
      const asked = startTlsIn(client, { ...options, timeout: 5000 });
      asked.catch(() => {});
      await server.write(bytesOf(noise)).catch(() => {});
      await server.closeWrite();
      const error = await assertRejects(() => asked);
      if (!(error instanceof TlsError || error instanceof BrokenError)) throw error;
    }
    const [client] = memoryPair();
    await assertRejects(
      () => startTlsIn(client, { ...options, timeout: 20 }),
      TimeoutError,
      "starttls",
    );
  });
}

Deno.test("a server that doesn't offer or refuses TLS is named with what it said", async () => {
  const cases: [StartTlsProtocol, (string | Uint8Array)[], string][] = [
    ["smtp", ["220 x\r\n", "250 HELP\r\n"], "it offers no STARTTLS"],
    ["smtp", ["554 go \x1b[2Jaway\r\n"], "it doesn't greet as SMTP does: 554 go \\x1b[2Jaway"],
    [
      "smtp",
      ["220 x\r\n", "250 STARTTLS\r\n", "454 no TLS now\r\n"],
      "it refuses STARTTLS: 454 no",
    ],
    ["imap", ["* OK x\r\n", "a1 BAD what\r\n"], "it refuses STARTTLS: a1 BAD what"],
    ["pop3", ["+OK x\r\n", "-ERR no\r\n"], "it refuses STLS: -ERR no"],
    ["ftp", ["220 x\r\n", "502 no\r\n"], "it refuses AUTH TLS: 502 no"],
    ["postgres", ["N"], "it has no TLS"],
    ["postgres", ["E"], "it doesn't speak PostgreSQL"],
    [
      "ldap",
      [hex("30 0c 02 01 01 78 07 0a 01 02 04 00 04 00")],
      "it refuses StartTLS with result 2",
    ],
    ["ldap", [hex("30 84 00 00 00 01")], "it doesn't speak LDAP"],
    ["ldap", [hex("30 03 02 01 02")], "it doesn't speak LDAP"],
    ["xmpp", ["<stream:features></stream:features>"], "it offers no STARTTLS"],
    [
      "xmpp",
      ["<stream:features><starttls/></stream:features>", "<failure/>"],
      "it refuses STARTTLS",
    ],
  ];
  for (const [protocol, answers, reason] of cases) {
    const [client, server] = memoryPair();
    const asked = startTlsIn(client, {
      protocol,
      host: "h",
      peer: "tls://x",
      timeout: 5000,
      log: silent,
    });
    asked.catch(() => {});
    for (const answer of answers) {
      await server.write(bytesOf(answer));
      await new Promise((resolve) => setTimeout(resolve, 1)); // Each answers what came before it.
    }
    await assertRejects(() => asked, TlsError, `starttls tls://x: ${reason}`);
  }
});
