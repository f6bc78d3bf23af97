/** Silent peers keep nobody out (`-m`). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, run, temporary } from "./coax.ts";
import { connectTo, receiveText, send, soon } from "./peers.ts";

/** A handshake timeout that no test reaches. */
const PATIENT = ["--handshake-timeout", "1h", "-m", "4"];

/** A listener whose clients begin with a handshake, and a client that does it. */
interface Kind {
  name: string;
  /** @param target An echo. @param folder For Unix sockets. */
  args(target: string, folder: string): string[];
  /** The answer to a good client that sends `hello`. */
  ask(address: string, target: string): Promise<string>;
}

async function through(address: string, ...options: string[]): Promise<string> {
  const exit = await run(["client", "-q", address, ...options], { stdin: "hello" });
  return exit.out + exit.stderr;
}

/** A client behind a proxy that sends a PROXY header. */
async function proxied(address: string): Promise<string> {
  using conn = await connectTo(address);
  await send(conn, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello");
  return await receiveText(conn, 5);
}

const ALLOWED = ["--allow-target", "127.0.0.0/8"];

const kinds: Kind[] = [
  {
    name: "TLS",
    args: () => ["echo", "tls://127.0.0.1:0", "--self-signed"],
    ask: (address) => through(address, "--insecure"),
  },
  {
    name: "WebSocket",
    args: () => ["echo", "ws://127.0.0.1:0"],
    ask: (address) => through(address),
  },
  {
    name: "WebSocket over TLS",
    args: () => ["echo", "wss://127.0.0.1:0", "--self-signed"],
    ask: (address) => through(address, "--insecure"),
  },
  {
    name: "PROXY",
    args: (target) => ["relay", "127.0.0.1:0", target, "--proxy-protocol", "in"],
    ask: proxied,
  },
  {
    name: "PROXY over a Unix socket",
    args: (target, folder) => ["relay", `unix:${folder}/s`, target, "--proxy-protocol", "in"],
    ask: proxied,
  },
  {
    name: "SOCKS",
    args: () => ["relay", "127.0.0.1:0", "socks5:", ...ALLOWED],
    ask: (address, target) => through(target, "--via", address.replace("tcp", "socks5")),
  },
  {
    name: "HTTP proxy",
    args: () => ["relay", "127.0.0.1:0", "http-proxy:", ...ALLOWED],
    ask: (address, target) => through(target, "--via", address.replace("tcp", "http")),
  },
];

/** Waits until the other side has closed it. */
async function isOver(conn: Deno.Conn): Promise<void> {
  try {
    assertEquals(await soon(conn.read(new Uint8Array(1)), "the end"), null);
  } catch (error) {
    assert(error instanceof Deno.errors.ConnectionReset, String(error));
  }
}

for (const { name, args, ask } of kinds) {
  Deno.test(`${name}: a good client is served at once where silent peers hold all slots`, async () => {
    await using temp = await temporary();
    await using echo = Coax.start(["echo", "127.0.0.1:0"]);
    const target = await echo.address();
    await using coax = Coax.start([...args(target, temp.path), ...PATIENT]);
    const address = await coax.address();
    const silent = await Promise.all([1, 2, 3, 4].map(() => connectTo(address)));
    try {
      for (let i = 0; i < 3; i++) assertEquals((await ask(address, target)).slice(0, 5), "hello");
      await coax.logs(/^refused \S+: a newer one needs its place.*--max-connections 4\)$/m);
      await Promise.any(silent.map((conn) => isOver(conn)));
    } finally {
      for (const conn of silent) conn.close();
    }
  });
}

Deno.test("metrics are read where silent peers hold all slots", async () => {
  const args = ["relay", "127.0.0.1:0", "127.0.0.1:9", "--metrics", "127.0.0.1:0"];
  await using relay = Coax.start([...args, ...PATIENT]);
  const [, url] = await relay.logs(/^metrics on (.+)$/m);
  const silent = await Promise.all(Array.from({ length: 64 }, () => connectTo(url!)));
  try {
    assertMatch(await (await fetch(url!)).text(), /coax_connections_total 0/);
  } finally {
    for (const conn of silent) conn.close();
  }
});

Deno.test("a connection that has finished its handshake isn't evicted for a new one", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const target = await echo.address();
  const args = ["relay", "127.0.0.1:0", "socks5:", ...ALLOWED, ...PATIENT];
  await using relay = Coax.start(args);
  const via = (await relay.address()).replace("tcp", "socks5");
  const guests = [1, 2, 3, 4].map(() =>
    Coax.start(["client", target, "--via", via], { stdin: { kind: "pipe" } })
  );
  try {
    for (const guest of guests) {
      await guest.write("hello");
      await guest.prints(/hello/);
    }
    assertEquals((await run(["client", target, "--via", via])).status, 7);
    await relay.logs(/^refused \S+: --max-connections 4 is reached$/m);
    for (const guest of guests) {
      await guest.write("again");
      await guest.prints(/helloagain/);
    }
  } finally {
    for (const guest of guests) await guest[Symbol.asyncDispose]();
  }
});
