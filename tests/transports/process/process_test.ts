import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseAddress } from "../../../src/address/address.ts";
import type { Duplex } from "../../../src/core/duplex.ts";
import { BrokenError, ShutdownError, UnavailableError } from "../../../src/core/errors.ts";
import { dial } from "../../../src/transports/mod.ts";
import { ask, decode, encode, readAll } from "../../support/connections.ts";
import { DIALING } from "../../support/options.ts";
import { randomBytes } from "../../support/random.ts";
import { connect } from "../../support/transports.ts";
import { isPending, soon, until } from "../../support/wait.ts";

/** Closes a connection that is over, and waits for its child. */
async function finish(connection: Duplex): Promise<void> {
  connection.close();
  await soon(connection.closed, "the child's end");
}

/** Whether a process is there and no zombie. */
async function lives(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "gone) Z");
  return !/\) [ZX]/.test(stat);
}

async function readLine(connection: Duplex): Promise<string> {
  const buffer = new Uint8Array(1);
  let line = "";
  while (await connection.read(buffer) !== null && buffer[0] !== 10) line += decode(buffer);
  return line;
}

Deno.test("a child's stdin and stdout are the connection, and half-close reaches it", async () => {
  for (const address of ["exec:cat", "sh:cat | cat"]) {
    const connection = await connect(address);
    assertEquals([connection.peer, await soon(ask(connection, "hello"), address)], [
      address,
      "hello",
    ]);
    await finish(connection);
  }
});

Deno.test("a child answers after our EOF", async () => {
  const connection = await connect("sh:wc -c | tr -d ' '");
  assertEquals(await ask(connection, "12345"), "5\n");
  await finish(connection);
});

Deno.test("words are split like a shell's, and no shell runs", async () => {
  const connection = await connect("exec:printf '%s|' 'a b' \"c\" $HOME '*' ';'");
  assertEquals(decode(await readAll(connection)), "a b|c|$HOME|*|;|");
  await finish(connection);
});

Deno.test("a megabyte goes through whole, read in pieces of any size", async () => {
  const bytes = randomBytes(1_000_000);
  const connection = await connect("exec:cat");
  const [, back] = await Promise.all([
    connection.write(bytes).then(() => connection.closeWrite()),
    readAll(connection, 1000),
  ]);
  assertEquals(back, bytes);
  await finish(connection);
});

Deno.test("a child that has said all says so again to whoever reads on", async () => {
  const child = await connect("sh:echo all");
  await child.closeWrite();
  assertEquals(decode(await readAll(child)), "all\n");
  assertEquals(await child.read(new Uint8Array(8)), null);
  child.close();
  await child.closed;
});

Deno.test("output of a child before it exits is read to the last byte", async () => {
  const connection = await connect("sh:head -c 300000 /dev/zero");
  assertEquals((await readAll(connection)).length, 300_000);
  await finish(connection);
});

Deno.test("a child gets the connection in COAX_ variables, and our environment", async () => {
  const child = { peer: "127.0.0.1:1", local: "127.0.0.1:2", id: 3 };
  const address = parseAddress('sh:echo "$COAX_PEER $COAX_LOCAL $COAX_ID $HOME"');
  const connection = await dial(address, { ...DIALING, child }) as Duplex;
  assertEquals(
    decode(await readAll(connection)),
    `127.0.0.1:1 127.0.0.1:2 3 ${Deno.env.get("HOME")}\n`,
  );
  await finish(connection);
});

for (
  const [address, how] of [
    ["sh:exit 3", "exited with 3"],
    ["exec:false", "exited with 1"],
    ["sh:kill -9 $$", "was ended by SIGKILL"],
  ] as const
) {
  Deno.test(`a child that ${how} breaks the connection, status 1`, async () => {
    const connection = await connect(address);
    const { message, status } = await assertRejects(() => readAll(connection), BrokenError);
    assertEquals([message, status], [`run ${address}: the command ${how}`, 1]);
    connection.close();
    await assertRejects(() => soon(connection.closed, "the child's end"), BrokenError, how);
  });
}

Deno.test("a child that fails after its output's EOF fails the close", async () => {
  const connection = await connect("sh:exec >&-; read line; exit 4");
  assertEquals(await readAll(connection), new Uint8Array());
  await connection.write(encode("now\n"));
  connection.close();
  await assertRejects(
    () => soon(connection.closed, "the child's end"),
    BrokenError,
    "exited with 4",
  );
});

Deno.test("a command that doesn't exist is unavailable and named", async () => {
  const { message, status } = await assertRejects(
    () => connect("exec:/not/there arg"),
    UnavailableError,
  );
  assertEquals(status, 4);
  assertStringIncludes(message, "exec:/not/there arg");
});

Deno.test("output of a child after it has closed its stdin is read before writing ends", async () => {
  for (const [code, message] of [[0, "wants no more"], [3, "exited with 3"]] as const) {
    const child = await connect(`sh:exec <&-; echo gone; sleep 0.1; echo late; exit ${code}`);
    assertEquals(await readLine(child), "gone");
    const writing = assertRejects(() => child.write(new Uint8Array(200_000)), Error, message);
    assertEquals(await readLine(child), "late");
    await child.read(new Uint8Array(1)).catch(() => {});
    await soon(writing, "the end of the write");
    child.close(new ShutdownError());
    await soon(child.closed, "the child's end");
  }
});

Deno.test("a write that a child doesn't take ends when the child is killed", async () => {
  const connection = await connect("sh:exec <&-; echo gone; exec sleep 60");
  assertEquals(await readLine(connection), "gone");
  const writing = assertRejects(() => connection.write(new Uint8Array(200_000)), ShutdownError);
  connection.close(new ShutdownError());
  await soon(writing, "the end of the write");
  await soon(connection.closed, "the child's end");
});

Deno.test("close with a reason kills the child, a whole pipeline, and those in the background", async () => {
  for (const line of ["exec sleep 60", "sleep 60 | sleep 60", "true"]) {
    const connection = await connect(`sh:sleep 60 & echo $! $$; ${line}`);
    const pids = (await readLine(connection)).split(" ").map(Number);
    assert(await lives(pids[0]!));
    connection.close(new ShutdownError());
    await soon(connection.closed, "the child's end");
    for (const pid of pids) await until(async () => !await lives(pid), `${line}: end of ${pid}`);
  }
});

Deno.test("a child that ignores SIGTERM is killed", async () => {
  const connection = await connect("sh:trap '' TERM; echo $$; while :; do sleep 1; done");
  const pid = Number(await readLine(connection));
  connection.close(new ShutdownError());
  await soon(connection.closed, "the child's end");
  assert(!await lives(pid));
});

Deno.test("processes that a command has started are killed with it, also those that ignore SIGTERM", async () => {
  const ignoring = `(trap "" TERM; exec sleep 60) & echo $! $$; wait`;
  for (const address of [`exec:sh -c "sleep 60 & echo \\$! \\$\\$; wait"`, `sh:${ignoring}`]) {
    const connection = await connect(address);
    const pids = (await readLine(connection)).split(" ").map(Number);
    assertEquals(await Promise.all(pids.map(lives)), [true, true]);
    connection.close(new ShutdownError());
    await soon(connection.closed, "the child's end");
    for (const pid of pids) await until(async () => !await lives(pid), `${address}: end of ${pid}`);
  }
});

Deno.test("close without a reason waits for the child, however long it takes", async () => {
  const connection = await connect("sh:exec >&-; cat >/dev/null; sleep 2.5; exit 7");
  assertEquals(await readAll(connection), new Uint8Array());
  connection.close();
  await assertRejects(
    () => soon(connection.closed, "the child's end"),
    BrokenError,
    "exited with 7",
  );
});

Deno.test("a reason that comes after the close kills a child that was being waited for", async () => {
  const connection = await connect("sh:exec >&-; exec sleep 60");
  assertEquals(await readAll(connection), new Uint8Array());
  connection.close();
  assert(await isPending(connection.closed));
  const reason = new ShutdownError();
  connection.close(reason);
  assertEquals(await soon(connection.closed, "the child's end"), reason);
});

Deno.test("a child that is closed before its EOF may fail without an error", async () => {
  const connection = await connect("exec:yes");
  assertEquals(await readLine(connection), "y");
  connection.close();
  assertEquals(await soon(connection.closed, "the child's end"), undefined);
});

Deno.test("a child's reader is gone once it has closed its stdin, or exited", async () => {
  const closing = await connect("sh:exec <&-; echo gone; exec sleep 60");
  assertEquals(await readLine(closing), "gone");
  assert(await isPending(closing.readerGone!));
  const writing = assertRejects(() => closing.write(new Uint8Array(200_000)), ShutdownError);
  await soon(closing.readerGone!, "the end of its stdin");
  closing.close(new ShutdownError());
  await soon(writing, "the end of the write");
  await soon(closing.closed, "the child's end");

  const exiting = await connect("exec:true");
  await readAll(exiting);
  await soon(exiting.readerGone!, "its exit");
  await finish(exiting);
});

Deno.test("close wakes a pending read with the reason", async () => {
  const connection = await connect("exec:sleep 60");
  const failed = assertRejects(() => readAll(connection));
  const reason = new ShutdownError();
  connection.close(reason);
  assertEquals(await soon(failed, "the failure"), reason);
  await connection.closed;
});
