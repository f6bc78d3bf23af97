import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import {
  BrokenError,
  RefusedError,
  TimeoutError,
  UnavailableError,
  UsageError,
} from "../../src/core/errors.ts";
import { carry } from "../../src/core/splice.ts";
import { dial, listen } from "../../src/transports/mod.ts";
import { parseProxy } from "../../src/proxy/url.ts";
import { formatPeer } from "../../src/transports/peer.ts";
import { ask, encode, readAll, readExactly } from "../support/connections.ts";
import { recorder } from "../support/log.ts";
import { DIALING, LISTENING } from "../support/options.ts";
import { resettable } from "../support/reset.ts";
import { descriptors, descriptorsBackTo } from "../support/process.ts";
import { bind, connect, service } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";

async function echo(connection: Duplex): Promise<void> {
  await carry([connection, connection]);
  connection.close();
}

const portOf = (address: string) => Number(address.split(":").at(-1));

Deno.test("a bare port listens on both families with one port, and each shown address answers", async () => {
  await using echoes = await service("0", echo);
  const port = portOf(echoes.addresses[0]!);
  assert(port > 0);
  assertEquals(echoes.addresses, [`tcp://127.0.0.1:${port}`, `tcp://[::1]:${port}`]);
  for (const address of [...echoes.addresses, `${port}`, `:${port}`]) {
    const connection = await connect(address);
    assertEquals(await ask(connection, address), address);
    connection.close();
  }
});

Deno.test("every interface shows both families with one port", async () => {
  await using echoes = await service(":0", echo);
  const port = portOf(echoes.addresses[0]!);
  assertEquals(echoes.addresses, [`tcp://0.0.0.0:${port}`, `tcp://[::]:${port}`]);
  for (const address of [`127.0.0.1:${port}`, `[::1]:${port}`]) {
    const connection = await connect(address);
    assertEquals(await ask(connection, "x"), "x");
    connection.close();
  }
});

Deno.test("the log's listen event has the port that port 0 became", async () => {
  const { log, events } = recorder();
  const [listener] = await listen(parseAddress("127.0.0.1:0"), {
    ...LISTENING,
    log,
    handshakeTimeout: 1000,
    socketMode: 0o600,
  });
  listener!.close();
  const event = events.find(({ event }) => event === "listen");
  assertEquals(event?.address, listener!.addresses[0]);
});

Deno.test("an address alone listens there alone", async () => {
  await using echoes = await service("127.0.0.1:0", echo);
  assertEquals(echoes.addresses.length, 1);
  const port = portOf(echoes.addresses[0]!);
  await assertRejects(() => connect(`[::1]:${port}`), UnavailableError, "refused");
});

Deno.test("a port that is taken in one family is taken, and nothing stays bound", async () => {
  const taken = Deno.listen({ hostname: "::1", port: 0 });
  const { port } = taken.addr;
  const { message, status } = await assertRejects(() => bind(`${port}`), UnavailableError);
  assertEquals([message, status], [
    `listen ${port}: address in use; this command itself has it`,
    4,
  ]);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  taken.close();
});

Deno.test("peers are shown as host and port, mapped IPv4 as IPv4", () => {
  const peer = (hostname: string) => formatPeer({ transport: "tcp", hostname, port: 9 });
  assertEquals(peer("127.0.0.1"), "127.0.0.1:9");
  assertEquals(peer("::1"), "[::1]:9");
  assertEquals(peer("::ffff:10.0.0.1"), "10.0.0.1:9");
});

Deno.test("a refused connection is unavailable, and the message has the address as written", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  free.close();
  const address = `tcp://127.0.0.1:${free.addr.port}`;
  const { message, status } = await assertRejects(() => connect(address), UnavailableError);
  assertEquals([message, status], [`connect ${address}: connection refused`, 4]);
});

Deno.test("port 0 can't be connected to", async () => {
  await assertRejects(() => connect("localhost:0"), UsageError, '"localhost:0"');
});

Deno.test("a reset is an error that names it, never an EOF", async () => {
  const { connection, reset } = await resettable();
  await reset();
  const { message } = await assertRejects(() => readAll(connection), BrokenError);
  assertMatch(message, /^receive from 127\.0\.0\.1:\d+: reset by peer$/);
  connection.close();
});

Deno.test("close wakes a pending read: EOF, or the reason", async () => {
  await using quiet = await service("0", (connection) => connection.closed);
  const [plain, broken] = [await connect(quiet.addresses[0]!), await connect(quiet.addresses[0]!)];
  const ended = readAll(plain);
  plain.close();
  assertEquals(await soon(ended, "the end"), new Uint8Array());
  const reason = new TimeoutError("idle", "x", "no byte");
  const failed = assertRejects(() => readAll(broken));
  broken.close(reason);
  broken.close();
  assertEquals(await soon(failed, "the failure"), reason);
  assertEquals(await assertRejects(() => broken.write(encode("x"))), reason);
  await assertRejects(() => plain.write(encode("x")), BrokenError);
});

Deno.test("a closed listener accepts nobody, also one that waits", async () => {
  const [listener] = await bind("127.0.0.1:0");
  const waiting = listener!.accept();
  listener!.close();
  listener!.close();
  assertEquals(await soon(waiting, "the accept"), null);
  assertEquals(await listener!.accept(), null);
});

/** A port of `hostname` where connecting gets no answer: its backlog is full. */
async function blackHole(hostname: string, port = 0) {
  const listener = Deno.listen({ hostname, port, tcpBacklog: 0 });
  const filler = await Deno.connect({ hostname, port: listener.addr.port });
  return {
    port: listener.addr.port,
    /** An attempt under way is answered, by a refusal, when the kernel retries: within a second. */
    close() {
      filler.close();
      listener.close();
    },
  };
}

Deno.test("an address that doesn't answer is a timeout of the attempt", async () => {
  const hole = await blackHole("127.0.0.1");
  const { log, events } = recorder();
  const address = parseAddress(`127.0.0.1:${hole.port}`);
  const { message, status } = await assertRejects(
    () => dial(address, { ...DIALING, log, connectTimeout: 50 }),
    TimeoutError,
  );
  assertEquals(status, 5);
  assertStringIncludes(message, `connect ${address.text}: timed out`);
  hole.close();
  await until(() => events.some(({ event }) => event === "connect-failed"), "the refusal");
});

Deno.test("a first address that refuses or doesn't answer leaves the second", async () => {
  await using echoes = await service("[::1]:0", echo);
  const port = portOf(echoes.addresses[0]!);
  const refused = await connect(`localhost:${port}`);
  assertEquals(await ask(refused, "second"), "second");
  refused.close();

  const hole = await blackHole("127.0.0.1", port);
  const { log, events } = recorder();
  const connection = await soon(connect(`localhost:${port}`, log), "the second address");
  assertEquals(await ask(connection, "second"), "second");
  connection.close();
  hole.close();
  await until(() => events.some(({ event }) => event === "connect-failed"), "the refusal");
});

Deno.test("an attempt that is given up keeps no descriptor, nor does a tunnel", async () => {
  await using echoes = await service("[::1]:0", echo);
  const port = portOf(echoes.addresses[0]!);
  const hole = await blackHole("127.0.0.1", port);
  const mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxy = parseProxy(`socks5://127.0.0.1:${mute.addr.port}`);
  const before = descriptors(Deno.pid);
  const options = { ...DIALING, log: recorder().log, connectTimeout: 50 };
  const address = parseAddress(`127.0.0.1:${port}`);
  await assertRejects(() => dial(address, options), TimeoutError);
  await assertRejects(() => dial(address, { ...options, via: [proxy] }), RefusedError);
  (await connect(`localhost:${port}`)).close(); // The other address has won.
  (await mute.accept()).close();
  await descriptorsBackTo(before, Deno.pid);
  hole.close();
  mute.close();
});

Deno.test("only the family that was asked for is tried", async () => {
  await using echoes = await service("0", echo);
  const port = portOf(echoes.addresses[0]!);
  for (const [family, peer] of [[4, "127.0.0.1"], [6, "[::1]"]] as const) {
    const connection = await dial(parseAddress(`localhost:${port}`), { ...DIALING, family });
    assertEquals(connection.peer, `${peer}:${port}`);
    connection.close();
  }
});

Deno.test("small writes go out at once", async () => {
  await using pairs = await service("0", async (connection) => {
    for (;;) await connection.write(await readExactly(connection, 2));
  });
  const connection = await connect(pairs.addresses[0]!);
  const rounds: number[] = [];
  for (let i = 0; i < 41; i++) {
    const start = performance.now();
    await connection.write(encode("a"));
    await connection.write(encode("b"));
    await readExactly(connection, 2);
    rounds.push(performance.now() - start);
  }
  // Nagle's algorithm (RFC 896) against delayed acknowledgements costs 40 ms each time, a busy
  // machine that much only now and then.
  const median = rounds.sort((a, b) => a - b)[20]!;
  assert(median < 30, `writes wait for acknowledgements: ${median} ms`);
  connection.close();
});
