/** What is said when the peer is another one than the address says, or the place is taken. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { addressInUse } from "./address_in_use.ts";
import { Coax, run, temporary } from "./coax.ts";

/** A peer that says `greeting` to everybody, and then only reads. */
function speaker(greeting: string): AsyncDisposable & { readonly place: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const talk = async (conn: Deno.Conn) => {
    try {
      await conn.write(new TextEncoder().encode(greeting));
      while (await conn.read(new Uint8Array(4096)) !== null);
    } catch {
      // The client has reset it.
    }
    conn.close();
  };
  const accepting = (async () => {
    const talks: Promise<void>[] = [];
    for await (const conn of listener) talks.push(talk(conn));
    await Promise.all(talks);
  })();
  return {
    place: `127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
    },
  };
}

const EVIL = "\x1b]0;owned\x07 hello\r\n";

for (
  const [scheme, greeting, status, said] of [
    ["tls", "SSH-2.0-OpenSSH_9.2p1\r\n", 6, "the peer doesn't speak TLS; it said \"SSH-2.0-Open"],
    [
      "tls",
      EVIL,
      6,
      'it said "\\x1b]0;owned\\x07 hello"; without TLS the address is tcp://127.0.0',
    ],
    ["wss", "220 mail.example.org\r\n", 6, "without TLS the address is ws://127.0.0.1:"],
    [
      "ws",
      "SSH-2.0-OpenSSH_9.2p1\r\n",
      7,
      'it doesn\'t speak HTTP; it said "SSH-2.0-OpenSSH_9.2p1"',
    ],
    [
      "ws",
      EVIL,
      7,
      'it said "\\x1b]0;owned\\x07 hello"; without WebSocket the address is tcp://127.',
    ],
    ["ws", "\x15\x03\x01\x00\x02\x02\x46", 7, "it speaks TLS; did you mean wss://127.0.0.1:"],
    [
      "ws",
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
      7,
      "did you mean wss://127.0.0.1:",
    ],
  ] as const
) {
  Deno.test(`client ${scheme}:// to a peer that says ${JSON.stringify(greeting)}`, async () => {
    await using peer = speaker(greeting);
    const { status: exit, stderr, out } = await run(["client", `${scheme}://${peer.place}`]);
    assertEquals([exit, out], [status, ""], stderr);
    assert(stderr.includes(said), stderr);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    assert(!/[\x07\x1b]/.test(stderr), JSON.stringify(stderr));
  });
}

Deno.test("client tls:// to an echo, and to a WebSocket", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const place = (await echo.address()).replace("tcp://", "");
  const first = await run(["client", `tls://${place}`]);
  assertEquals(first.status, 6);
  assertMatch(
    first.stderr,
    /doesn't speak TLS; it sent back what we had sent; without TLS .* tcp:/,
  );
  await using web = Coax.start(["echo", "ws://127.0.0.1:0"]);
  const port = (await web.address()).replace(/^ws:\/\//, "");
  const second = await run(["client", `wss://${port}`]);
  assertEquals(second.status, 6);
  assertMatch(
    second.stderr,
    /; does it speak TLS\? Without TLS the address is ws:\/\/127\.0\.0\.1:/,
  );
  await web.logs(
    /the client speaks TLS, .* listen on wss:\/\/ for it, with --cert .* --self-signed/,
  );
});

Deno.test("client ws:// to TLS: the address that it has", async () => {
  await using echo = Coax.start(["echo", "--self-signed", "tls://127.0.0.1:0"]);
  const place = (await echo.address()).replace("tls://", "");
  const { status, stderr } = await run(["client", `ws://${place}/x`]);
  assertEquals(status, 7);
  assertMatch(stderr, /it speaks TLS; did you mean wss:\/\/127\.0\.0\.1:\d+\/x\?/);
});

for (const scheme of ["tls", "wss"]) {
  Deno.test(`a self-signed certificate is refused with its pin, ready to paste: ${scheme}`, async () => {
    await using echo = Coax.start(["echo", "--self-signed", `${scheme}://127.0.0.1:0`]);
    const [, pin] = await echo.logs(/^pin (sha256:[0-9a-f]{64})$/m);
    const address = await echo.address();
    const { status, stderr } = await run(["client", address]);
    assertEquals(status, 6);
    const [, option, pasted] = /(--pin) (sha256:[0-9a-f]{64})$/m.exec(stderr) ?? [];
    assertEquals(pasted, pin, stderr);
    const { status: pinned, out } = await run(["client", option!, pasted!, address], {
      stdin: "hi\n",
    });
    assertEquals([pinned, out], [0, "hi\n"]);
  });
}

Deno.test("a server that takes one connection doesn't hold up the refusal", async () => {
  await using server = Coax.start(["server", "--self-signed", "-m", "1", "tls://127.0.0.1:0"]);
  const { status, stderr } = await run(["client", await server.address()]);
  assertEquals(status, 6);
  assertMatch(stderr, /the issuer of the certificate is unknown; .* --pin sha256:/);
});

Deno.test("a subprotocol that nobody serves is named on both sides, with the option", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
  const asking = ["--protocol", "chat", "--protocol", "v2"];
  const { status, stderr } = await run(["client", ...asking, await echo.address()]);
  assertEquals(status, 7);
  assertMatch(stderr, /none of the subprotocols asked for \(--protocol chat, v2\)/);
  await echo.logs(
    /asks for a subprotocol that isn't spoken here: chat, v2; --protocol chat speaks it/,
  );
});

Deno.test("an address in use names who has it, where the system tells", async () => {
  await using folder = await temporary();
  const path = `unix:${folder.path}/s`;
  await using echo = Coax.start(["echo", "127.0.0.1:0", "udp://127.0.0.1:0", path]);
  for (const address of await echo.listening(3)) {
    const { status, stderr } = await run(["server", address]);
    assertEquals(status, 4);
    assertMatch(stderr, addressInUse(echo.pid));
  }
  const twice = await run(["echo", ...await echo.listening(1), ...await echo.listening(1)]);
  assertEquals(twice.status, 4);
});

for (const option of ["--record", "--ready-file"]) {
  Deno.test(`${option} in a folder that is missing says which`, async () => {
    const { status, stderr } = await run(["echo", "127.0.0.1:0", option, "/nowhere/at/all/x"]);
    assertEquals(status, 10);
    assertMatch(stderr, /: no such file or directory; there is no folder \/nowhere\/at\/all\n$/);
  });
}

for (
  const [address, what] of [
    ["10.9.9.9:1", "this machine has no such address; :1 listens on all of its own"],
    ["udp://10.9.9.9:1", "this machine has no such address; :1 listens on all of its own"],
    [
      "unix:/nowhere/at/all/x.sock",
      "no such file or directory; there is no folder /nowhere/at/all",
    ],
  ] as const
) {
  Deno.test(`server ${address} says what helps`, async () => {
    const { status, stderr } = await run(["server", address]);
    assertEquals(status, 4);
    assert(stderr.endsWith(`${what}\n`), stderr);
  });
}
