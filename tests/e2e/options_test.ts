/** Options without an effect: status 2 with the alternative, before anything has happened. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { run, temporary } from "./coax.ts";

const PIN = `sha256:${"ab".repeat(32)}`;

/** A command line for a port that would be bound, and its error message. */
const LISTENING: [argv: string, message: string][] = [
  ["server --self-signed PORT", "--self-signed: PORT is plain TCP; did you mean tls://PORT?"],
  ["server --cert c.pem --key k.pem PORT", "--cert: PORT is plain TCP; did you mean tls://PORT?"],
  ["echo --alpn h2 :PORT", "--alpn: :PORT is plain TCP; did you mean tls://:PORT?"],
  ["chat --self-signed ws://PORT", "--self-signed: ws://PORT is a plain WebSocket; did you mean"],
  ["relay --key k.pem PORT tls://h:1", "--key: PORT is plain TCP; did you mean tls://PORT?"],
  ["echo --allow-origin h PORT", "--allow-origin: PORT is plain TCP; did you mean ws://PORT?"],
  ["server --ping 1s PORT", "--ping: PORT is plain TCP; did you mean ws://PORT?"],
  [
    "echo --socket-mode 600 PORT",
    "--socket-mode: PORT is plain TCP; expected unix:, unixgram: or ws+unix:",
  ],
  ["relay --drop 10% PORT h:1", "--drop: PORT is plain TCP, h:1 is plain TCP; expected udp://"],
  ["relay --via socks5://h:1 PORT udp://h:1", "--via: udp://h:1 is UDP; every address must be"],
  ["relay --proxy-protocol v1 PORT udp://h:1", "--proxy-protocol v1: udp://h:1 is UDP; every"],
  ["relay --proxy-protocol in udp://PORT h:1", "--proxy-protocol in: udp://PORT is UDP; every"],
  ["server --send-only --recv-only PORT", "--send-only: can't be combined with --recv-only"],
  ["server --recv-only --eof both PORT", "--eof both: needs an end of our own"],
  ["relay --text --binary PORT ws://h:1", "--binary: can't be combined with --text"],
  ["relay --seed 1 PORT h:1", "--seed: needs a fault, such as --toxic"],
  ["replay bug.jsonl --serve PORT --self-signed", "--self-signed: PORT is plain TCP; did you mean"],
];

for (const [argv, message] of LISTENING) {
  Deno.test(`nothing is bound or written where an option can't act: coax ${argv}`, async () => {
    await using folder = await temporary();
    using port = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    // The port is taken: trying to bind it would be status 4.
    const put = (text: string) => text.replaceAll("PORT", String(port.addr.port));
    const recording = argv.startsWith("server") ? ["--record", "r"] : [];
    const words = [...put(argv).split(" "), "--ready-file", "ready", ...recording];
    const { status, out, stderr } = await run(words, { cwd: folder.path });
    assertEquals([status, out], [2, ""], stderr);
    assertStringIncludes(stderr, `coax: ${put(message)}`);
    assertEquals(stderr.indexOf("\n"), stderr.length - 1);
    assertEquals([...Deno.readDirSync(folder.path)], []);
  });
}

/** A command line for an address that would be connected to. */
const CONNECTING: [argv: string, message: string][] = [
  ["client --insecure PORT", "--insecure: PORT is plain TCP; did you mean tls://PORT?"],
  ["client --ca x.pem PORT", "--ca: PORT is plain TCP; did you mean tls://PORT?"],
  ["client --server-name n ws://PORT", "--server-name: ws://PORT is a plain WebSocket; did you"],
  [`wait --pin ${PIN} PORT tls://h:1`, "--pin: PORT is plain TCP; did you mean tls://PORT?"],
  ["client -H A:b PORT", "-H, --header: PORT is plain TCP; did you mean ws://PORT?"],
  ["bench --origin http://h PORT", "--origin: PORT is plain TCP; did you mean ws://PORT?"],
  ["client --text PORT", "--text: PORT is plain TCP; expected a WebSocket"],
  ["client --frame line PORT", "--frame: PORT is plain TCP; expected messages"],
  ["client --send-only --recv-only PORT", "--send-only: can't be combined with --recv-only"],
  ["client --linger 1s --recv-only PORT", "--linger: can't be combined with --recv-only"],
  ["client --send hi --send-only --prefix PORT", "--prefix: can't be combined with --send-only"],
  ["client --retry-delay 1s PORT", "--retry-delay: needs --retry"],
  ["client -k PORT", "-k, --keep-open: nothing is listened on here"],
  ["relay --client-cert c.pem - PORT", "--client-cert: PORT is plain TCP; did you mean tls://"],
  ["relay --allow ::1 - PORT", "--allow: - is stdin and stdout; expected tcp://"],
];

for (const [argv, message] of CONNECTING) {
  Deno.test(`nothing is connected to where an option can't act: coax ${argv.slice(0, 40)}`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const put = (text: string) => text.replaceAll("PORT", String(listener.addr.port));
    const { status, out, stderr } = await run(put(argv).split(" "), { stdin: "secret" });
    assertEquals([status, out], [2, ""], stderr);
    assertStringIncludes(stderr, `coax: ${put(message)}`);
    const quiet = await Deno.connect({ port: listener.addr.port });
    const first = await listener.accept();
    // The first connection that the listener accepts is this one: none came before.
    assertEquals((first.remoteAddr as Deno.NetAddr).port, quiet.localAddr.port);
    first.close();
    quiet.close();
  });
}

for (const words of [["client"], ["relay", "-"], ["bench"], ["wait", "9"]]) {
  Deno.test(`--via is never passed by: coax ${words.join(" ")} to UDP and Unix sockets`, async () => {
    await using folder = await temporary();
    const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const path = `${folder.path}/s`;
    using unix = Deno.listen({ transport: "unix", path });
    try {
      const { port } = udp.addr as Deno.NetAddr;
      for (const address of [`udp://127.0.0.1:${port}`, `unix:${path}`, `ws+unix:${path}`]) {
        const argv = [...words, "--via", "socks5://127.0.0.1:1", address];
        const { status, stderr } = await run(argv, { stdin: "secret\n" });
        assertEquals(status, 2, stderr);
        assertStringIncludes(stderr, `coax: --via: ${address} is `);
      }
      // This datagram arrives first: none had been sent before.
      await udp.send(new Uint8Array([1]), udp.addr);
      assertEquals([...(await udp.receive())[0]], [1]);
      const own = await Deno.connect({ transport: "unix", path });
      const first = await unix.accept();
      await own.write(new Uint8Array([2]));
      const buffer = new Uint8Array(9);
      assertEquals([await first.read(buffer), buffer[0]], [1, 2]);
      first.close();
      own.close();
    } finally {
      udp.close();
    }
  });
}
