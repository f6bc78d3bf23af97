import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { TimeoutError, UnavailableError, UsageError } from "../../src/core/errors.ts";
import { carry } from "../../src/core/splice.ts";
import { listen } from "../../src/transports/mod.ts";
import { temporary } from "../e2e/coax.ts";
import { ask, readAll } from "../support/connections.ts";
import { LISTENING } from "../support/options.ts";
import { pretend } from "../support/system.ts";
import { bind, connect, service, socketPath } from "../support/transports.ts";
import { soon } from "../support/wait.ts";

async function echo(connection: Duplex): Promise<void> {
  await carry([connection, connection]);
  connection.close();
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Leaves a socket file without a listener, as a killed process does. */
async function leaveStale(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}.live` });
  await Deno.rename(`${path}.live`, path);
  listener.close();
}

Deno.test("a Unix socket echoes, keeps half-close, and shows its path", async () => {
  await using socketFile = await socketPath();
  await using echoes = await service(`unix:${socketFile.path}`, echo);
  assertEquals(echoes.addresses, [`unix:${socketFile.path}`]);
  const connection = await connect(`unix:${socketFile.path}`);
  assertEquals([connection.peer, await ask(connection, "hello")], [
    `unix:${socketFile.path}`,
    "hello",
  ]);
  connection.close();
});

Deno.test("its file has mode 0600, or the one that was asked for, and umask stays", async () => {
  await using socketFile = await socketPath();
  const umask = Deno.umask();
  for (const socketMode of [0o600, 0o660, 0o666]) {
    const address = parseAddress(`unix:${socketFile.path}`);
    const [listener] = await listen(address, { ...LISTENING, socketMode });
    assertEquals((await Deno.stat(socketFile.path)).mode! & 0o777, socketMode);
    listener!.close();
  }
  assertEquals(Deno.umask(), umask);
});

Deno.test("closing removes the file", async () => {
  await using socketFile = await socketPath();
  const [listener] = await bind(`unix:${socketFile.path}`);
  const waiting = listener!.accept();
  listener!.close();
  listener!.close();
  assertEquals(await soon(waiting, "the accept"), null);
  assert(!await exists(socketFile.path));
});

Deno.test("a stale socket is replaced", async () => {
  await using socketFile = await socketPath();
  await leaveStale(socketFile.path);
  await using _echoes = await service(`unix:${socketFile.path}`, echo);
  const connection = await connect(`unix:${socketFile.path}`);
  assertEquals(await ask(connection, "new"), "new");
  connection.close();
});

Deno.test("a live socket with a full queue, or for datagrams, is in use too", async () => {
  await using socketFile = await socketPath();
  const busy = await queueIsFull(socketFile.path);
  const inUse = () =>
    assertRejects(() => bind(`unix:${socketFile.path}`), UnavailableError, "in use");
  await inUse();
  for (const socket of busy) socket.close();
  const datagrams = Deno.listenDatagram({ transport: "unixpacket", path: socketFile.path });
  await inUse();
  datagrams.close();
});

/** A listener that accepts nobody, and as many connections as its backlog takes. */
async function queueIsFull(path: string): Promise<{ close(): void }[]> {
  const options = { transport: "unix", path, tcpBacklog: 0 } as const;
  const sockets: { close(): void }[] = [Deno.listen(options)];
  for (let i = 0; i < 10_000; i++) {
    try {
      sockets.push(await Deno.connect({ transport: "unix", path }));
    } catch {
      return sockets;
    }
  }
  throw new Error("the queue takes more than 10000");
}

Deno.test("a live socket is in use, and goes on", async () => {
  await using socketFile = await socketPath();
  await using _echoes = await service(`unix:${socketFile.path}`, echo);
  const { message, status } = await assertRejects(
    () => bind(`unix:${socketFile.path}`),
    UnavailableError,
  );
  assertEquals([message, status], [
    `listen unix:${socketFile.path}: address in use; this command itself has it`,
    4,
  ]);
  const connection = await connect(`unix:${socketFile.path}`);
  assertEquals(await ask(connection, "still here"), "still here");
  connection.close();
});

Deno.test("a file that isn't a socket is refused and left alone, also behind a link", async () => {
  await using socketFile = await socketPath();
  const { path } = socketFile;
  await Deno.writeTextFile(path, "precious");
  await Deno.mkdir(`${path}.d`);
  await Deno.symlink(path, `${path}.l`);
  for (const taken of [path, `${path}.d`, `${path}.l`]) {
    await assertRejects(() => bind(`unix:${taken}`), UnavailableError, "left as it is");
  }
  assertEquals(await Deno.readTextFile(path), "precious");
  assert((await Deno.lstat(`${path}.l`)).isSymlink);
});

// The listener keeps its descriptor: closing it would remove the file of the other one.
Deno.test({
  name: "closing removes only its own file",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using socketFile = await socketPath();
    const [first] = await bind(`unix:${socketFile.path}`);
    const waiting = first!.accept();
    await Deno.rename(socketFile.path, `${socketFile.path}.moved`);
    await using _echoes = await service(`unix:${socketFile.path}`, echo);
    first!.close();
    assertEquals(await soon(waiting, "the accept"), null);
    const connection = await connect(`unix:${socketFile.path}`);
    assertEquals(await ask(connection, "mine"), "mine");
    connection.close();
  },
});

Deno.test("a path that can't be bound or connected to is unavailable and named", async () => {
  await using socketFile = await socketPath();
  const missing = `unix:${socketFile.path}/not/there`;
  const bound = await assertRejects(() => bind(missing), UnavailableError);
  assertStringIncludes(bound.message, `listen ${missing}: `);
  const connected = await assertRejects(() => connect(missing), UnavailableError);
  assertStringIncludes(connected.message, `connect ${missing}: `);
  await leaveStale(socketFile.path);
  await assertRejects(() => connect(`unix:${socketFile.path}`), UnavailableError, "refused");
});

Deno.test("peers of a Unix socket are numbered", async () => {
  await using socketFile = await socketPath();
  const [listener] = await bind(`unix:${socketFile.path}`);
  const peers: string[] = [];
  for (let i = 0; i < 2; i++) {
    const connection = await connect(`unix:${socketFile.path}`);
    const incoming = await listener!.accept();
    peers.push(incoming!.peer);
    incoming!.refuse();
    assertEquals(await readAll(connection), new Uint8Array());
    connection.close();
  }
  assertEquals(peers, [`unix:${socketFile.path}#1`, `unix:${socketFile.path}#2`]);
  listener!.close();
});

Deno.test("close with a reason is what a pending read rejects with", async () => {
  await using socketFile = await socketPath();
  await using _quiet = await service(`unix:${socketFile.path}`, (connection) => connection.closed);
  const connection = await connect(`unix:${socketFile.path}`);
  const reason = new TimeoutError("idle", connection.peer, "no byte");
  const failed = assertRejects(() => readAll(connection));
  connection.close(reason);
  assertEquals(await soon(failed, "the failure"), reason);
});

Deno.test("where only the runtime has sockets, a path that it makes too long is a usage error", async () => {
  await using temp = await temporary();
  const folder = `${temp.path}/${"d".repeat(110)}`;
  await Deno.mkdir(folder);
  const before = Deno.cwd();
  Deno.chdir(folder);
  using _ = pretend("darwin");
  try {
    for (const use of [bind, connect]) {
      const said = /^unix:s: expected a path of at most 103 bytes; here this one is \d+ long$/;
      assertMatch((await assertRejects(() => use("unix:s"), UsageError)).message, said);
    }
  } finally {
    Deno.chdir(before);
  }
});
