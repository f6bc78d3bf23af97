/** Sockets on systems whose sockets coax makes no system calls for (macOS, Windows). */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Channel, Duplex } from "../../src/core/duplex.ts";
import { UnavailableError, UsageError } from "../../src/core/errors.ts";
import { carry } from "../../src/core/splice.ts";
import { dial } from "../../src/transports/mod.ts";
import { RuntimeDatagrams } from "../../src/transports/udp/datagrams.ts";
import { listening } from "../../src/transports/udp/direct.ts";
import { ask, encode } from "../support/connections.ts";
import { DIALING } from "../support/options.ts";
import { pretend } from "../support/system.ts";
import { bind, connect, descriptorsAreBack, service } from "../support/transports.ts";
import { UdpPeer } from "../support/udp.ts";
import { drainEventLoop, soon } from "../support/wait.ts";

const SYSTEMS = ["darwin", "windows"] as const;

async function echo(connection: Duplex): Promise<void> {
  await carry([connection, connection]);
  connection.close();
}

Deno.test("darwin: unixgram: is a usage error in both roles", async () => {
  using _ = pretend("darwin");
  const address = "unixgram:/tmp/coax-nobody";
  await assertRejects(() => connect(address), UsageError, "needs Linux");
  await assertRejects(() => bind(address), UsageError, "needs Linux");
});

Deno.test("darwin: a device as file: is a usage error, and a file is opened", async () => {
  using _ = pretend("darwin");
  await assertRejects(() => connect("file:/dev/null"), UsageError, "needs Linux");
  const path = await Deno.makeTempFile();
  try {
    const file = await connect(`file:${path}`) as Duplex;
    await file.write(encode("text"));
    assertEquals(await file.read(new Uint8Array(9)), null);
    file.close();
    assertEquals(await Deno.readTextFile(path), "text");
  } finally {
    await Deno.remove(path);
  }
});

for (const os of SYSTEMS) {
  Deno.test(`${os}: TCP echoes and keeps half-close, and no peer is sent a reset`, async () => {
    using _ = pretend(os);
    await using echoes = await service("0", echo);
    for (const address of echoes.addresses) {
      const connection = await connect(address);
      assertEquals(connection.showsReset, false);
      assertEquals(await ask(connection, "hello"), "hello");
      connection.close();
    }
  });

  Deno.test(`${os}: a connection is closed under a pending write once its peer reads`, async () => {
    using _ = pretend(os);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connection = await connect(`127.0.0.1:${listener.addr.port}`);
    const peer = await listener.accept();
    const writing = connection.write(new Uint8Array(64 * 2 ** 20)).catch((error: Error) => error);
    connection.close();
    assert(await soon(writing, "the write's end") instanceof Error);
    const buffer = new Uint8Array(2 ** 16);
    while (await soon(peer.read(buffer), "more bytes") !== null);
    await descriptorsAreBack();
    peer.close();
    listener.close();
  });

  Deno.test(`${os}: a TCP connection can't choose its own address, and a UDP one can`, async () => {
    using _ = pretend(os);
    const bind = { host: "127.0.0.1", port: 0 };
    const dialling = (text: string) => dial(parseAddress(text), { ...DIALING, bind });
    const error = await assertRejects(() => dialling("127.0.0.1:9"), UsageError);
    assertEquals(error.message, "--bind: needs Linux and the GNU C library, except for UDP");
    (await dialling("udp://127.0.0.1:9")).close();
  });

  Deno.test(`${os}: UDP asks and answers, and no control data is read`, async () => {
    using _ = pretend(os);
    using target = new UdpPeer();
    const channel = await dial(parseAddress(`udp://127.0.0.1:${target.port}`), DIALING) as Channel;
    await channel.send({ data: encode("hello") });
    assertEquals(await target.receiveText(), "hello");
    await target.send("there");
    const answer = await soon(channel.receive(), "the answer");
    assertEquals(answer!.data, encode("there"));
    channel.close();
    await channel.closed;
    const conn = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
    assert(listening(conn) instanceof RuntimeDatagrams);
    conn.close();
  });
}

Deno.test("a UDP client whose datagram Windows reports as refused can't reach its peer", async () => {
  using _ = pretend("windows");
  const { listenDatagram } = Deno;
  const refused = Object.assign(new Error("forcibly closed"), { code: "ECONNRESET" });
  let reported = false;
  Deno.listenDatagram = ((options: Deno.UdpListenOptions & { transport: "udp" }) => {
    const conn = listenDatagram(options);
    const receive = conn.receive.bind(conn);
    conn.receive = (buffer) => {
      const first = !reported;
      reported = true;
      return first ? Promise.reject(refused) : receive(buffer);
    };
    return conn;
  }) as typeof listenDatagram;
  try {
    const channel = await dial(parseAddress("udp://127.0.0.1:9"), DIALING) as Channel;
    const error = await soon(channel.receive().catch((error: Error) => error), "the refusal");
    assert(error instanceof UnavailableError);
    assertEquals(error.message, "send to 127.0.0.1:9: connection refused");
    await channel.closed.catch(() => {});
    await drainEventLoop(); // The socket waits a millisecond after a failed receive.
  } finally {
    Deno.listenDatagram = listenDatagram;
  }
});
