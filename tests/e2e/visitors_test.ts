/** `server -k`: many visitors, one stdin for all of them, and how each one's connection ends. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Connection } from "../../src/core/duplex.ts";
import { libc } from "../../src/transports/libc.ts";
import { dial } from "../../src/transports/mod.ts";
import { authority } from "../support/certificates.ts";
import { decode, encode } from "../support/connections.ts";
import { DIALING } from "../support/options.ts";
import { isPending, soon, until } from "../support/wait.ts";
import { CLOSED, Coax, NULL, PIPE, run, type Stdin, temporary } from "./coax.ts";
import { connectTo, FragilePeer, receive, receiveText, send } from "./peers.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

const trusted = await authority();

/** A directory with a certificate in it. */
async function filesFolder() {
  const temp = await temporary();
  const { cert, key } = await trusted.issue();
  await Deno.writeTextFile(`${temp.path}/cert`, cert);
  await Deno.writeTextFile(`${temp.path}/key`, key);
  await Deno.writeTextFile(`${temp.path}/empty`, "");
  await Deno.writeTextFile(`${temp.path}/file`, STDIN_TEXT);
  return temp;
}

/** The listening address of a server. */
const TRANSPORTS = {
  tcp: () => "127.0.0.1:0",
  unix: (path: string) => `unix:${path}/socket`,
  tls: () => "tls://127.0.0.1:0",
  ws: () => "ws://127.0.0.1:0",
  wss: () => "wss://127.0.0.1:0",
};
const isSecure = (transport: string) => transport === "tls" || transport === "wss";

const STDIN_TEXT = "what stdin says\n";

/** Every kind of stdin, and its text. */
function kinds(path: string): [name: string, stdin: Stdin, said: string][] {
  return [
    ["a pipe that stays open", PIPE, ""],
    ["a pipe that says something and ends", STDIN_TEXT, STDIN_TEXT],
    ["a pipe that says nothing and ends", "", ""],
    ["a file", { file: `${path}/file` }, STDIN_TEXT],
    ["an empty file", { file: `${path}/empty` }, ""],
    ["/dev/null", NULL, ""],
    ["closed", CLOSED, ""],
  ];
}

/** A visitor of a server. */
class Visitor {
  private constructor(readonly connection: Connection) {}

  static async connect(address: string): Promise<Visitor> {
    const tls = { ca: [trusted.pem] };
    return new Visitor(await dial(parseAddress(address), { ...DIALING, tls }));
  }

  async send(text: string): Promise<void> {
    if (this.connection.framing === "stream") await this.connection.write(encode(text));
    else await this.connection.send({ data: encode(text.replace(/\n$/, "")), text: true });
  }

  /** The next piece; null at EOF, and if there was no free slot. */
  async receive(): Promise<string | null> {
    try {
      if (this.connection.framing === "stream") {
        const buffer = new Uint8Array(65_536);
        const count = await this.connection.read(buffer);
        return count === null ? null : decode(buffer.subarray(0, count));
      }
      const message = await this.connection.receive();
      return message && decode(message.data) + "\n";
    } catch {
      return null;
    }
  }

  async receiveAll(): Promise<string> {
    let all = "";
    for (let text = await this.receive(); text !== null; text = await this.receive()) all += text;
    return all;
  }

  /** Resolves with everything received until EOF. */
  async leave(how: "half-close" | "close"): Promise<string> {
    if (how === "close" || !this.connection.halfClose) {
      this.connection.close();
      await soon(this.connection.closed.catch(() => {}), "closed");
      return "";
    }
    await this.connection.closeWrite();
    const received = await soon(this.receiveAll(), "the server's end");
    this.connection.close();
    return received;
  }
}

/**
 * Connects and sends `text` and a number, again and again until there is a free slot. Each attempt
 * has another number and more time: a slow server prints what an earlier one sent.
 */
async function served(server: Coax, address: string, text: string): Promise<Visitor> {
  let visitor: Visitor | undefined;
  let attempt = 0;
  await until(async () => {
    attempt++;
    try {
      visitor = await Visitor.connect(address);
      await visitor.send(`${text} ${attempt}\n`);
      await server.prints(new RegExp(`${text} ${attempt}\n`), attempt * 1000);
      return true;
    } catch {
      visitor?.connection.close();
      return false;
    }
  }, `a place for ${text}`);
  return visitor!;
}

/** Longer than `--linger` of these servers, milliseconds. */
const SILENCE = 600;

for (const [transport, at] of Object.entries(TRANSPORTS)) {
  Deno.test(`server -k ${transport}: a visitor's EOF frees its slot, and silence doesn't, whatever stdin is`, async (t) => {
    await using temp = await filesFolder();
    const { path } = temp;
    const tls = isSecure(transport) ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
    for (const [name, stdin, sent] of kinds(path)) {
      await t.step(name, async () => {
        const args = ["server", "-k", "-m", "1", "--linger", "200ms", ...tls, at(path)];
        await using server = Coax.start(args, { stdin });
        const address = await server.address();
        const first = await served(server, address, "first");
        const received = sent ? await soon(first.receive(), "what stdin says") : "";
        assertEquals((received ?? "") + await first.leave("half-close"), sent);
        const second = await served(server, address, "second");
        await second.leave("close");
        const third = await served(server, address, "third");
        const next = third.receive();
        await new Promise((resolve) => setTimeout(resolve, SILENCE));
        assert(await isPending(next), "the third was closed");
        await third.send("and on\n");
        await server.prints(/and on/);
        await third.leave("close");
        await next;
      });
    }
  });
}

Deno.test("server -k udp: a session goes on over silence, whatever stdin is", async (t) => {
  await using temp = await filesFolder();
  for (const [name, stdin, sent] of kinds(temp.path)) {
    if (sent) continue; // stdin's EOF is ours to the visitor too, and silence is UDP's only EOF.
    await t.step(name, async () => {
      const args = ["server", "-k", "-v", "--linger", "200ms", "udp://127.0.0.1:0"];
      await using server = Coax.start(args, { stdin });
      const visitor = await Visitor.connect(await server.address());
      await visitor.send("first\n");
      await server.prints(/first/);
      await new Promise((resolve) => setTimeout(resolve, SILENCE));
      await visitor.send("second\n");
      await server.prints(/second/);
      assertEquals(server.stderr.match(/accept 127/g)?.length, 1, server.stderr);
      await visitor.leave("close");
    });
  }
});

Deno.test("server -k: a visitor that resets frees its slot, too", async () => {
  await using server = Coax.start(["server", "-k", "-m", "1", "--send", "hello", "127.0.0.1:0"], {
    stdin: PIPE,
  });
  const address = await server.address();
  await using fragile = FragilePeer.connect(address);
  await fragile.reset();
  await server.logs(/reset by peer/);
  const next = await served(server, address, "next");
  await next.leave("close");
});

Deno.test("server -k delivers what stdin had sent before a visitor's EOF", async () => {
  await using server = Coax.start(["server", "-k", "127.0.0.1:0"], { stdin: PIPE });
  const address = await server.address();
  using visitor = await connectTo(address);
  await send(visitor, "x");
  await server.prints(/x/);
  const sent = "said ".repeat(10_000);
  await server.write(sent);
  assertEquals(await receiveText(visitor, 5), "said ");
  await visitor.closeWrite();
  assertEquals(await receiveText(visitor), sent.slice(5));
});

Deno.test("server -k --eof both keeps a visitor that has sent EOF until stdin does", async () => {
  await using server = Coax.start(["server", "-k", "-v", "--eof", "both", "127.0.0.1:0"], {
    stdin: PIPE,
  });
  using visitor = await connectTo(await server.address());
  await visitor.closeWrite();
  await server.logs(/is done sending, after 0 bytes/);
  await server.write("after your end\n");
  assertEquals(await receiveText(visitor, 15), "after your end\n");
  await server.end();
  assertEquals(await receiveText(visitor), "");
});

Deno.test("server -k passes stdin's later EOF on to present visitors", async () => {
  await using server = Coax.start(["server", "-k", "127.0.0.1:0"], { stdin: PIPE });
  using visitor = await connectTo(await server.address());
  await send(visitor, "here\n");
  await server.prints(/here/);
  await server.end();
  assertEquals(await receiveText(visitor), "");
});

Deno.test("server -k --recv-only doesn't read stdin, and keeps visitors that send", async () => {
  const args = ["server", "-k", "--recv-only", "--slow", "100ms", "127.0.0.1:0"];
  await using server = Coax.start(args, { stdin: "never said\n" });
  const address = await server.address();
  using one = await connectTo(address);
  using other = await connectTo(address);
  await send(one, "one\n");
  await server.prints(/one/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await send(other, "other\n");
  await server.prints(/other/);
  await other.closeWrite();
  assertEquals(await receiveText(other), "");
});

/** More than the system buffers for a peer that doesn't read. */
const MUCH = 20_000_000;

for (const transport of ["tcp", "unix", "tls", "ws"] as const) {
  Deno.test(`server -k ${transport}: a visitor that doesn't read is closed after --slow, and the others get everything`, async () => {
    await using temp = await filesFolder();
    const { path } = temp;
    const tls = isSecure(transport) ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
    const binary = transport === "ws" ? ["--binary"] : [];
    const args = ["server", "-k", "-v", "--send-only", "--slow", "1s", ...binary, ...tls];
    const where = [TRANSPORTS[transport](path), "127.0.0.1:0"];
    await using server = Coax.start([...args, "--idle-timeout", "10s", ...where], { stdin: PIPE });
    const [address, plain] = await server.listening(2);
    const stalled = [await Visitor.connect(address!), await Visitor.connect(address!)];
    using good = await connectTo(plain!);
    await until(() => server.stderr.match(/accept /g)?.length === 3, "three visitors");
    const receiving = receive(good);
    const writing = server.write(new Uint8Array(MUCH)).then(() => server.end());
    assertEquals((await receiving).length, MUCH);
    await writing;
    const lines = () => server.stderr.match(/^coax: .*--slow.*/gm) ?? [];
    await until(() => lines().length === 2, "both are closed");
    assertMatch(lines()[0]!, /^coax: \[[12]\] send to .*: the others have waited 1 s/);
    for (const { connection } of stalled) connection.close();
  });
}

Deno.test("server -k: waiting for others isn't idle, on TCP and on UDP", async () => {
  const args = ["server", "-k", "-v", "--slow", "2s", "--idle-timeout", "500ms"];
  const where = ["127.0.0.1:0", "udp://127.0.0.1:0"];
  await using server = Coax.start([...args, ...where], { stdin: PIPE });
  const [address, udp] = await server.listening(2);
  using talker = await connectTo(address!);
  using good = await connectTo(address!);
  const session = await Visitor.connect(udp!);
  await session.send("x");
  await until(() => server.stderr.match(/accept /g)?.length === 3, "three visitors");
  const receiving = receive(good);
  const writing = server.write(new Uint8Array(MUCH)).then(() => server.end());
  // It sends, and so isn't idle itself, but it doesn't read.
  while (!/--slow/.test(server.stderr)) {
    await talker.write(encode("y")).catch(() => {}); // It may just have been closed.
    await pause(50);
    assert(server.running, server.stderr);
  }
  assertEquals((await receiving).length, MUCH);
  await writing;
  assertEquals(server.stderr.match(/no byte for|silent for 0.5/g), null, server.stderr);
  await session.leave("close");
});

Deno.test("server -k: a visitor that delays nobody may take its time", async () => {
  const args = ["server", "-k", "--slow", "200ms", "127.0.0.1:0"];
  await using server = Coax.start(args, { stdin: PIPE });
  const address = await server.address();
  using slow = await connectTo(address);
  await send(slow, "here\n");
  await server.prints(/here/);
  const bytes = new Uint8Array(MUCH);
  const writing = server.write(bytes).then(() => server.end());
  assert(await Promise.race([writing.then(() => false), pause(1000).then(() => true)]));
  assertEquals((await receive(slow)).length, MUCH);
  await writing;
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("server --slow without -k is a usage error", async () => {
  const exit = await run(["server", "--slow", "1s", "0"]);
  assertEquals(exit.status, 2);
  assertMatch(exit.stderr, /^coax: --slow: needs --keep-open\./);
});
