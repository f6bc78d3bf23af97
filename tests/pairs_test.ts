/**
 * Any transport on either side of a relay: what `matrix_test.ts` shows for each of them holds for
 * every pair, and between bytes and messages by the frame.
 */
import { assert, assertEquals } from "@std/assert";
import { pair, type PairOptions, withLinger } from "../src/setup/pair.ts";
import type { Channel, Connection, Duplex, Message } from "../src/core/duplex.ts";
import { CoaxError, ShutdownError } from "../src/core/errors.ts";
import { silent } from "../src/core/log.ts";
import { carry, splice } from "../src/core/splice.ts";
import { selfMade } from "./support/certificates.ts";
import { ask, decode, encode, readAll } from "./support/connections.ts";
import { digest, randomBytes } from "./support/random.ts";
import {
  connect,
  descriptorsAreBack,
  type Service,
  service,
  socketPath,
} from "./support/transports.ts";
import { UdpPeer } from "./support/udp.ts";
import { soon, until } from "./support/wait.ts";

const identity = await selfMade();
const LISTENING = { tls: { identity } };
const DIALLING = { tls: { pin: identity.pin } };

const MiB = 1024 * 1024;
const PLAIN: PairOptions = {
  text: false,
  binary: false,
  frame: undefined,
  maxMessage: 16 * MiB,
  log: silent,
};

const NAMES = ["tcp", "tls", "unix", "ws", "wss"] as const;
type Name = (typeof NAMES)[number];
const HALF_CLOSING: ReadonlySet<string> = new Set(["tcp", "tls", "unix"]);

/** An address of that kind to listen at. */
async function listenAt(name: Name, stack: AsyncDisposableStack): Promise<string> {
  if (name === "unix") return `unix:${stack.use(await socketPath()).path}`;
  return `${name}://127.0.0.1:0`;
}

const dialAddress = async (address: string): Promise<Connection> =>
  await connect(address, undefined, DIALLING);

async function serving(
  address: string,
  handle: (connection: Connection) => Promise<unknown>,
  stack: AsyncDisposableStack,
): Promise<string> {
  const served: Service = await service(address, handle, undefined, {
    ...LISTENING,
    idleTimeout: 60_000,
  });
  return stack.use(served).addresses[0]!;
}

interface Relay {
  /** The listening address. */
  readonly address: string;
  /** How its only connection ended: undefined without an error. */
  readonly over: Promise<unknown>;
}

/** The connection with a linger as in a relay, but shorter. */
const lingering = (connection: Connection): Connection =>
  withLinger(connection, connection.halfClose ? undefined : 100);

/** A relay between two addresses, as the command makes one. */
async function relay(
  from: string,
  to: string,
  stack: AsyncDisposableStack,
  options = PLAIN,
): Promise<Relay> {
  const over = Promise.withResolvers<unknown>();
  const address = await serving(from, async (client) => {
    const target = await dialAddress(to).catch((error) => {
      over.resolve(error);
      throw error;
    });
    const connections = pair(lingering(client), lingering(target), options, false);
    await splice(connections).then(over.resolve, over.resolve);
  }, stack);
  return { address, over: over.promise };
}

/** Sends bytes, in messages where it has to. */
async function put(connection: Connection, bytes: Uint8Array): Promise<void> {
  const size = 16 * 1024;
  for (let at = 0; at < bytes.length; at += size) {
    const data = bytes.subarray(at, at + size);
    await (connection.framing === "stream"
      ? connection.write(data)
      : connection.send({ data, text: false }));
  }
}

/** The next piece, or null at EOF. */
async function piece(connection: Connection): Promise<Uint8Array | null> {
  if (connection.framing === "message") return (await connection.receive())?.data ?? null;
  const buffer = new Uint8Array(64 * 1024);
  const count = await connection.read(buffer);
  return count === null ? null : buffer.subarray(0, count);
}

/** Exactly `count` bytes. */
async function take(connection: Connection, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const next = await piece(connection);
    if (!next) throw new Error(`the end came after ${at} of ${count} bytes`);
    all.set(next, at);
    at += next.length;
  }
  return all;
}

/** Resolves once a growing count has stopped. */
async function stall(count: () => number): Promise<void> {
  let before = 0;
  let still = 0;
  await until(() => {
    still = count() > 0 && count() === before ? still + 1 : 0;
    before = count();
    return still === 20;
  }, "the writer's stop");
}

/** Closes a connection without waiting for what is still to come. */
function drop(connection: Connection): void {
  connection.closed.catch(() => {});
  connection.close(new ShutdownError());
}

/** A client of the relay whose connection can be broken below the transport. */
const breakable: Record<Name, typeof cutStream> = {
  /** A process that exits with bytes unread in its socket resets it (RFC 2525 §2.17). */
  tcp(address) {
    const port = address.split(":").at(-1);
    const process = new Deno.Command("bash", {
      args: ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port}; echo ready >&3; read -r <&3`],
    }).spawn();
    return Promise.resolve({ break: async () => void await process.status });
  },
  async unix(address) {
    const connection = await connect(address);
    await connection.write(encode("ready"));
    return {
      async break() {
        await connection.read(new Uint8Array(1)); // Unread bytes make a close a reset.
        connection.close();
      },
    };
  },
  tls: cutStream,
  ws: cutStream,
  wss: cutStream,
};

/** A forwarder below the transport that closes both connections in the middle. */
async function cutStream(
  address: string,
  stack: AsyncDisposableStack,
): Promise<{ break(): Promise<void> }> {
  const streams: Duplex[] = [];
  const forwarder = await serving("127.0.0.1:0", async (client) => {
    const target = await connect(address.replace(/^\w+:\/\//, ""));
    streams.push(client as Duplex, target);
    await splice([client as Duplex, target]).catch(() => {});
  }, stack);
  const connection = await dialAddress(forwarder.replace(/^tcp/, address.split(":")[0]!));
  stack.defer(() => drop(connection));
  await put(connection, encode("ready"));
  return {
    async break() {
      await piece(connection);
      for (const stream of streams) stream.close();
    },
  };
}

for (const from of NAMES) {
  for (const to of NAMES) {
    const both = HALF_CLOSING.has(from) && HALF_CLOSING.has(to);

    Deno.test(`${from} to ${to}: 1 MiB each way at once, equal digests`, async () => {
      await using stack = new AsyncDisposableStack();
      const [toTarget, toClient] = [randomBytes(MiB), randomBytes(MiB)];
      const arrived = Promise.withResolvers<string>();
      const target = await serving(await listenAt(to, stack), async (connection) => {
        const [got] = await Promise.all([take(connection, MiB), put(connection, toClient)]);
        arrived.resolve(await digest(got));
        await piece(connection);
        connection.close();
      }, stack);
      const { address, over } = await relay(await listenAt(from, stack), target, stack);
      const client = await dialAddress(address);
      const [got] = await soon(Promise.all([take(client, MiB), put(client, toTarget)]), "1 MiB");
      assertEquals(await digest(got), await digest(toClient));
      assertEquals(await soon(arrived.promise, "the other way"), await digest(toTarget));
      client.close();
      await soon(client.closed, "closed");
      assertEquals(await soon(over, "the splice"), undefined);
    });

    if (both) {
      Deno.test(`${from} to ${to}: an answer that waits for our EOF still arrives`, async () => {
        await using stack = new AsyncDisposableStack();
        const target = await serving(await listenAt(to, stack), async (connection) => {
          const stream = connection as Duplex;
          await stream.write(encode(String((await readAll(stream)).length)));
          stream.close();
        }, stack);
        const { address, over } = await relay(await listenAt(from, stack), target, stack);
        const client = await dialAddress(address) as Duplex;
        assertEquals(await soon(ask(client, "12345"), "the answer"), "5");
        client.close();
        assertEquals(await soon(over, "the splice"), undefined);
      });
    }

    Deno.test(`${from} to ${to}: a reader that waits makes the writer wait, and no byte is lost`, async () => {
      await using stack = new AsyncDisposableStack();
      stack.defer(descriptorsAreBack);
      const reading = Promise.withResolvers<void>();
      const arrived = Promise.withResolvers<number>();
      const target = await serving(await listenAt(to, stack), async (connection) => {
        await reading.promise;
        let count = 0;
        for (let next = await piece(connection); next; next = await piece(connection)) {
          count += next.length;
        }
        arrived.resolve(count);
        connection.close();
      }, stack);
      const { address, over } = await relay(await listenAt(from, stack), target, stack);
      const client = await dialAddress(address);
      let sent = 0;
      let done = false;
      const chunk = new Uint8Array(16 * 1024);
      const sending = (async () => {
        for (; !done && sent < 64 * MiB; sent += chunk.length) await put(client, chunk);
      })();
      await stall(() => sent);
      assert(sent < 32 * MiB, `${sent} bytes went nowhere`);
      done = true;
      reading.resolve();
      await soon(sending, "the rest");
      if (client.halfClose) await client.closeWrite();
      else client.close();
      assertEquals(await soon(arrived.promise, "all of it"), sent);
      assertEquals(await soon(over, "the splice"), undefined);
      client.close();
      await soon(client.closed, "closed");
    });

    Deno.test(`${from} to ${to}: a peer that breaks the connection is an error, and closes the other one`, async () => {
      await using stack = new AsyncDisposableStack();
      stack.defer(descriptorsAreBack);
      const ended = Promise.withResolvers<void>();
      const target = await serving(await listenAt(to, stack), async (connection) => {
        await piece(connection);
        await put(connection, encode("now\nnever read"));
        await piece(connection).catch(() => {});
        ended.resolve();
        drop(connection);
      }, stack);
      const { address, over } = await relay(await listenAt(from, stack), target, stack);
      const client = await breakable[from](address, stack);
      await soon(client.break(), "the break");
      const error = await soon(over, "the splice");
      assert(error instanceof CoaxError, String(error));
      assert([1, 8].includes(error.status), error.message);
      await soon(ended.promise, "the end of the other leg");
    });
  }
}

Deno.test("udp to udp: datagrams keep their boundaries, empty ones too", async () => {
  await using stack = new AsyncDisposableStack();
  using server = new UdpPeer();
  const { address } = await relay("udp://127.0.0.1:0", `udp://127.0.0.1:${server.port}`, stack);
  using client = new UdpPeer(address);
  for (const size of [3, 0, 1, 60_000, 0, 2]) {
    const datagram = randomBytes(size);
    await client.send(datagram);
    assertEquals(await server.receive(), datagram);
    await server.send(datagram);
    assertEquals(await client.receive(), datagram);
  }
});

/** Every message of a connection, which it also sends back. */
async function echoing(connection: Connection): Promise<void> {
  const channel = connection as Channel;
  await carry([channel, channel]);
  channel.close();
}

for (const text of [false, true]) {
  const type = text ? "text" : "binary";
  const options = { ...PLAIN, text };

  Deno.test(`udp to ws: a datagram is a ${type} message, an empty one too`, async () => {
    await using stack = new AsyncDisposableStack();
    const got: Message[] = [];
    const target = await serving("ws://127.0.0.1:0", async (connection) => {
      const channel = connection as Channel;
      for (let next = await channel.receive(); next; next = await channel.receive()) {
        got.push({ ...next, data: next.data.slice() });
        await channel.send(next);
      }
      channel.close();
    }, stack);
    const { address } = await relay("udp://127.0.0.1:0", target, stack, options);
    using client = new UdpPeer(address);
    for (const sent of ["one", "", "drei ä", ""]) assertEquals(await client.ask(sent), sent);
    assertEquals(got.map(({ data }) => decode(data)), ["one", "", "drei ä", ""]);
    assert(got.every((message) => message.text === text));
  });

  Deno.test(`ws to udp: a message is a datagram, and comes back as ${type}`, async () => {
    await using stack = new AsyncDisposableStack();
    const target = await serving("udp://127.0.0.1:0", echoing, stack);
    const { address, over } = await relay("ws://127.0.0.1:0", target, stack, options);
    const client = await dialAddress(address) as Channel;
    for (const sent of ["one", "", "drei ä", ""]) {
      await client.send({ data: encode(sent), text: true });
      const echoed = await soon(client.receive(), "the echo");
      assertEquals(echoed && [decode(echoed.data), echoed.text], [sent, text]);
    }
    client.close();
    await soon(client.closed, "closed");
    assertEquals(await soon(over, "the splice"), undefined);
  });
}

for (const from of ["ws", "wss"] as const) {
  Deno.test(`${from} to ws: text stays text and binary stays binary, whatever --text says`, async () => {
    await using stack = new AsyncDisposableStack();
    const target = await serving("ws://127.0.0.1:0", echoing, stack);
    const options = { ...PLAIN, text: true };
    const { address, over } = await relay(`${from}://127.0.0.1:0`, target, stack, options);
    const client = await dialAddress(address) as Channel;
    const messages: Message[] = [
      { data: encode("ä"), text: true },
      { data: Uint8Array.of(0xff, 0xfe), text: false },
      { data: new Uint8Array(), text: true },
      { data: new Uint8Array(), text: false },
      { data: randomBytes(100_000), text: false },
    ];
    for (const message of messages) {
      await client.send(message);
      const echoed = await soon(client.receive(), "the echo");
      assertEquals(echoed && { data: echoed.data.slice(), text: echoed.text }, message);
    }
    client.close();
    await soon(client.closed, "closed");
    assertEquals(await soon(over, "the splice"), undefined);
  });
}

for (const from of ["tls", "ws"] as const) {
  Deno.test(`${from} to exec: every connection talks to a child of its own`, async () => {
    await using stack = new AsyncDisposableStack();
    const { address, over } = await relay(`${from}://127.0.0.1:0`, "exec:cat", stack);
    const client = await dialAddress(address);
    const bytes = randomBytes(MiB);
    const [got] = await soon(Promise.all([take(client, MiB), put(client, bytes)]), "the echo");
    assertEquals(await digest(got), await digest(bytes));
    if (client.framing === "stream") await client.closeWrite();
    else client.close();
    assertEquals(await soon(over, "the splice"), undefined);
    client.close();
    await soon(client.closed, "closed");
  });
}

for (const to of ["tls", "ws"] as const) {
  Deno.test(`exec to ${to}: the child's output goes there, the answer comes back to it`, async () => {
    await using stack = new AsyncDisposableStack();
    const output = Promise.withResolvers<string>();
    const address = await serving(await listenAt(to, stack), async (connection) => {
      output.resolve(decode(await take(connection, 8)));
      await put(connection, encode("answer\n"));
      connection.close();
      await connection.closed;
    }, stack);
    using answer = await temporaryFile();
    const child = await connect(`sh:echo a child; read -r line; printf %s "$line" >${answer.path}`);
    const target = await dialAddress(address);
    await soon(splice(pair(child, lingering(target), PLAIN, false)), "the splice");
    assertEquals(await soon(output.promise, "what the child says"), "a child\n");
    assertEquals(await Deno.readTextFile(answer.path), "answer");
  });
}

async function temporaryFile(): Promise<{ path: string } & Disposable> {
  const path = await Deno.makeTempFile({ prefix: "coax-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}
