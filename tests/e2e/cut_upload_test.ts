/** A WebSocket that its peer closes while it is still being sent something. */
import { assertEquals, assertMatch } from "@std/assert";
import { readAll } from "../support/connections.ts";
import { type Service, service } from "../support/transports.ts";
import { answerHandshake, streamOf, UPGRADE } from "../support/websocket.ts";
import { bytes, masked } from "../ws/wire.ts";
import { Coax, PIPE } from "./coax.ts";
import { connectTo, LARGE, receiveText, send } from "./peers.ts";

const CLOSES: Record<string, string> = {
  "1000": "88 02 03e8",
  "1001": '88 06 03e9 "away"',
  "without a code": "88 00",
};
/** More than what sockets on the way swallow. */
const UPLOAD = "a line of an ordinary length\n".repeat(LARGE / 16);

/**
 * A server that reads a little, sends `close`, and drops what still comes from `drain` on: a whole
 * upload can't be taken before its sender has read the Close.
 */
async function closing(close: string): Promise<Service & { url: string; drain: () => void }> {
  const { promise, resolve: drain } = Promise.withResolvers<void>();
  const server = await service("127.0.0.1:0", async (connection) => {
    await answerHandshake(connection);
    await connection.read(new Uint8Array(4096));
    await connection.write(bytes(close));
    await promise;
    await readAll(connection).catch(() => {});
    connection.close();
  });
  return Object.assign(server, { url: server.addresses[0]!.replace("tcp", "ws"), drain });
}

/** Lets `server` drain once `coax`, run with `-v`, has read its Close. */
async function closeIsRead(coax: Coax, server: { drain: () => void }): Promise<void> {
  await coax.logs(/Close from/);
  server.drain();
}

for (const [name, close] of Object.entries(CLOSES)) {
  for (const options of [["--binary"], ["--text"], ["--send-only"], ["--eof", "both"]]) {
    const title = options.join(" ");

    Deno.test(`client ${title}: a Close ${name} in an upload is a failure`, async () => {
      await using server = await closing(close);
      const args = ["client", "-v", server.url, ...options];
      await using client = Coax.start(args, { stdin: UPLOAD });
      await closeIsRead(client, server);
      const { status, stderr } = await client.exit();
      assertMatch(stderr, /^coax: send to 127\.0\.0\.1:\d+: closed with/m);
      assertEquals(status, 1);
    });
  }

  Deno.test(`client: a Close ${name} while stdin is quiet is the end`, async () => {
    await using server = await closing(close);
    await using client = Coax.start(["client", server.url], { stdin: PIPE });
    server.drain();
    await client.write("all that there is\n");
    const { status, stderr } = await client.exit();
    assertEquals([status, stderr], [0, ""]);
  });

  Deno.test(`client --eof peer: a Close ${name} is the end in any case`, async () => {
    await using server = await closing(close);
    const args = ["client", "-v", server.url, "--eof", "peer"];
    await using client = Coax.start(args, { stdin: UPLOAD });
    await closeIsRead(client, server);
    assertEquals((await client.exit()).status, 0);
  });

  Deno.test(`client --expect: a Close ${name} in an upload is the end without a match`, async () => {
    await using server = await closing(close);
    const args = ["client", "-v", server.url, "--expect", "never"];
    await using client = Coax.start(args, { stdin: UPLOAD });
    await closeIsRead(client, server);
    assertEquals((await client.exit()).status, 9);
  });

  Deno.test(`relay: a Close ${name} in an upload over TCP is a failure`, async () => {
    await using server = await closing(close);
    await using relay = Coax.start(["relay", "-v", "--once", "0", server.url]);
    await using client = Coax.start(["client", await relay.address()], { stdin: UPLOAD });
    await closeIsRead(relay, server);
    assertEquals((await client.exit()).status, 1);
    const { status, stderr } = await relay.exit();
    assertMatch(stderr, /^coax: (\[1\] )?send to 127\.0\.0\.1:\d+: closed with/m);
    assertEquals(status, 1);
  });

  Deno.test(`server: a Close ${name} in an upload is a failure`, async () => {
    await using server = Coax.start(["server", "-v", "ws://127.0.0.1:0"], { stdin: UPLOAD });
    using conn = await connectTo(`tcp://${streamOf(await server.address())}`);
    await send(conn, UPGRADE);
    await receiveText(conn, 1000);
    await send(conn, masked(bytes(close)));
    await server.logs(/Close from/);
    const draining = receiveText(conn).catch(() => {});
    const { status, stderr } = await server.exit();
    await draining;
    assertMatch(stderr, /^coax: send to 127\.0\.0\.1:\d+: closed with/m);
    assertEquals(status, 1);
  });
}
