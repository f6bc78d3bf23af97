/**
 * close_notify (RFC 8446 §6.1): however a connection is closed in order, in either role, a peer
 * that got every byte receives close_notify; and a broken connection never ends with one.
 */
import { assert, assertEquals } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { tlsListener, TlsPeer } from "../support/tls_peer.ts";
import { Coax, PIPE, run, type Stdin } from "./coax.ts";

const trusted = await authority();

interface Way {
  readonly how: string;
  readonly options?: readonly string[];
  /** `/dev/null` by default. */
  readonly stdin?: Stdin;
  /** What the peer does before it only waits for EOF. */
  readonly act?: (peer: TlsPeer, coax: Coax) => Promise<void>;
  readonly status?: number;
}

const LINES = Array.from({ length: 1000 }, (_, index) => `${index}\n`).join("");

/** The peer sends something and then close_notify. */
async function upload(peer: TlsPeer): Promise<void> {
  await peer.send(LINES);
  await peer.end();
}

/** The peer never stops sending. */
async function flood(peer: TlsPeer): Promise<void> {
  await peer.send("done\n");
  const more = new Uint8Array(16 * 1024).fill(46);
  const pour = async () => {
    for (;;) await peer.send(more);
  };
  pour().catch(() => {}); // The other side has closed.
}

/** Cases of both client and server. */
const TALKING: readonly Way[] = [
  { how: "both ends", stdin: LINES, act: upload },
  { how: "--recv-only", options: ["--recv-only"], act: upload },
  { how: "--eof peer", options: ["--eof", "peer"], stdin: PIPE, act: upload },
  { how: "--eof both", options: ["--eof", "both"], stdin: LINES, act: upload },
  { how: "--send-only and the peer's end", options: ["--send-only"], stdin: "x", act: upload },
  {
    how: "--expect",
    options: ["--expect", "done"],
    stdin: PIPE,
    act: (peer) => peer.send("done\n"),
  },
  {
    how: "--expect while the peer goes on",
    options: ["--expect", "done"],
    stdin: PIPE,
    act: flood,
  },
  {
    how: "--within",
    options: ["--expect", "never", "--within", "1500ms"],
    stdin: PIPE,
    status: 9,
  },
  { how: "--idle-timeout", options: ["--idle-timeout", "300ms"], stdin: PIPE, status: 5 },
  { how: "--linger", options: ["--linger", "200ms"], stdin: "x", status: 5 },
  {
    how: "a bad peer's half-close and a signal",
    options: ["--grace", "100ms"],
    stdin: PIPE,
    act: async (peer, coax) => {
      await coax.write("ready\n");
      await peer.receives("ready\n");
      await peer.end();
      coax.signal("SIGTERM");
    },
  },
];

const SERVER: readonly Way[] = [
  ...TALKING,
  {
    how: "a signal",
    options: ["--grace", "0ms"],
    stdin: PIPE,
    // Once the server has sent something, its side of the handshake is over, too.
    act: async (peer, coax) => {
      await coax.write("ready\n");
      await peer.receives("ready\n");
      coax.signal("SIGTERM");
    },
  },
  {
    how: "-k and the peer's end",
    options: ["-k", "--recv-only"],
    act: async (peer, coax) => {
      await upload(peer);
      assertEquals(await peer.ending(), "close_notify");
      coax.signal("SIGTERM");
    },
  },
];

for (const { how, options = [], stdin, act, status = 0 } of SERVER) {
  Deno.test(`a TLS server sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    const args = ["server", "tls://127.0.0.1:0", ...pem.serving, ...options];
    await using server = Coax.start(args, { stdin });
    using peer = await TlsPeer.connect(await server.address(), trusted);
    await act?.(peer, server);
    assertEquals(await peer.ending(), "close_notify", server.stderr);
    assertEquals((await server.exit()).status, status, server.stderr);
  });
}

for (const { how, options = [], stdin, act, status = 0 } of TALKING) {
  Deno.test(`a TLS client sends close_notify: ${how}`, async () => {
    await using pem = await tlsFiles(trusted);
    using listener = await tlsListener(trusted);
    const args = ["client", `tls://127.0.0.1:${listener.port}`, ...pem.trusting];
    const grace = options.includes("--grace");
    await using client = Coax.start([...args, ...grace ? [] : options], { stdin });
    using peer = await listener.accept();
    await act?.(peer, client);
    assertEquals(await peer.ending(), "close_notify", client.stderr);
    assertEquals((await client.exit()).status, grace ? 143 : status, client.stderr);
  });
}

/** A client that doesn't verify by an authority connects in another way. */
const TRUSTING: Record<string, (pin: string) => string[]> = {
  "--insecure": () => ["--insecure"],
  "--pin": (pin) => ["--pin", `sha256:${pin}`],
};

for (const [name, trusting] of Object.entries(TRUSTING)) {
  for (const way of ["--recv-only", "--eof peer", "--expect"]) {
    const { options = [], stdin, act } = TALKING.find(({ how }) => how === way)!;
    Deno.test(`a TLS client with ${name} sends close_notify: ${way}`, async () => {
      using listener = await tlsListener(trusted);
      const args = ["client", `tls://127.0.0.1:${listener.port}`, ...trusting(listener.pin)];
      await using client = Coax.start([...args, ...options], { stdin });
      using peer = await listener.accept();
      await act?.(peer, client);
      assertEquals(await peer.ending(), "close_notify", client.stderr);
      assertEquals((await client.exit()).status, 0, client.stderr);
    });
  }
}

/** Commands that connect for other purposes than talking. */
const CONNECTING = [
  ["wait"],
  ["bench", "--duration", "200ms", "--mode", "connect"],
  ["bench", "--duration", "200ms", "--mode", "rtt"],
  ["bench", "--duration", "200ms", "--mode", "stream"],
  ["relay", "-", "--linger", "50ms"],
];

for (const [command, ...options] of CONNECTING) {
  for (const scheme of ["tls", "wss"]) {
    const name = [command, ...options].join(" ");
    Deno.test(`a peer of ${name} at ${scheme}:// sees nothing cut short`, async () => {
      await using pem = await tlsFiles(trusted);
      await using echo = Coax.start(["echo", `${scheme}://127.0.0.1:0`, ...pem.serving]);
      const args = [command!, ...command === "relay" ? options : [], await echo.address()];
      const rest = command === "relay" ? [] : options;
      const { status, stderr } = await run([...args, ...rest, ...pem.trusting]);
      assertEquals(status, 0, stderr);
      echo.signal("SIGTERM");
      const exit = await echo.exit();
      assert(!/coax:/.test(exit.stderr), exit.stderr);
    });
  }
}
