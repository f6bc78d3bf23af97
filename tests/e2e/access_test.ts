/** Lists of addresses in files that change while they are used. */
import { lacks } from "../support/parts.ts";
import { assertEquals } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { connectTo, receive } from "./peers.ts";

/** An echo with `--deny @FILE`, whose file lists nobody yet. */
async function guarded(folder: string) {
  const path = `${folder}/list`;
  await Deno.writeTextFile(path, "# nobody\n");
  const echo = Coax.start(["echo", "127.0.0.1:0", "--deny", `@${path}`]);
  const address = await echo.address();
  /** Whether a client is served. */
  const served = async () => (await run(["client", address], { stdin: "hello" })).out === "hello";
  /** Waits for that many new lists, while nobody connects. */
  const reads = (count: number) => echo.logs(new RegExp(`(?:[^]*?read again\\n){${count}}`));
  return { path, echo, served, reads };
}

/** Writes over a file of the same length, in one step. */
async function overwrite(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  assertEquals((await file.stat()).size, text.length);
  await file.write(new TextEncoder().encode(text));
}

/** Replaces a file by another, as editors and package managers do. */
async function replace(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

Deno.test("after a list has changed the very next peer is judged by it, however it was changed", async () => {
  await using temp = await temporary();
  const { path, echo, served, reads } = await guarded(temp.path);
  await using _ = echo;
  assertEquals(await served(), true);
  await replace(path, "127.0.0.1\n");
  await reads(1);
  assertEquals(await served(), false);
  await replace(path, "127.0.0.2\n");
  await reads(2);
  assertEquals(await served(), true);
  // As long as the one before, and with the same time.
  const { mtime } = await Deno.stat(path);
  await overwrite(path, "127.0.0.1\n");
  await Deno.utime(path, mtime!, mtime!);
  await reads(3);
  assertEquals(await served(), false);
  await Deno.writeTextFile(`${path}.other`, "127.0.0.3\n");
  await Deno.symlink(`${path}.other`, `${path}.link`);
  await Deno.rename(`${path}.link`, path);
  await reads(4);
  assertEquals(await served(), true);
  await replace(`${path}.other`, "::ffff:127.0.0.0/104\n");
  await reads(5);
  assertEquals(await served(), false);
});

Deno.test("a list that is gone, or wrong, is logged once and the last good one stays", async () => {
  await using temp = await temporary();
  const { path, echo, served, reads } = await guarded(temp.path);
  await using _ = echo;
  await replace(path, "127.0.0.1\n");
  await reads(1);
  await Deno.remove(path);
  await echo.logs(/--deny @\S+: can't be read: no such file.*; the list stays as it was\n/);
  assertEquals(await served(), false);
  await replace(path, "10.0.0.0/8\n127.0.0\n");
  await echo.logs(/--deny @\S+: line 2: expected an address.*; the list stays as it was\n/);
  assertEquals(await served(), false);
  await Deno.mkdir(`${path}.d`);
  await Deno.remove(path);
  await Deno.rename(`${path}.d`, path);
  await echo.logs(/--deny @\S+: can't be read again: it is no regular file; the list stays/);
  assertEquals(await served(), false);
  await Deno.remove(path);
  await replace(path, "10.0.0.0/8\n");
  await reads(2);
  assertEquals(await served(), true);
  assertEquals(echo.stderr.match(/can't be read: no such file/g)!.length <= 3, true, echo.stderr);
});

Deno.test("a connection that is open when its peer is denied goes on", async () => {
  await using temp = await temporary();
  const { path, echo, reads } = await guarded(temp.path);
  await using _ = echo;
  using conn = await connectTo(await echo.address());
  await conn.write(new Uint8Array(1));
  await receive(conn, 1);
  await replace(path, "127.0.0.1\n");
  await reads(1);
  await conn.write(new Uint8Array([7]));
  assertEquals(await receive(conn, 1), new Uint8Array([7]));
});

Deno.test("a list that comes through a FIFO is read once; a signal ends the wait for it", {
  ignore: lacks("FIFOs"),
}, async () => {
  await using temp = await temporary();
  const path = `${temp.path}/fifo`;
  await using maker = Coax.spawn(["mkfifo", path]);
  await maker.exit();
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--deny", `@${path}`]);
  await using writer = Coax.spawn(["sh", "-c", `echo 127.0.0.1 > ${path}`]);
  await writer.exit();
  const exit = await run(["client", await echo.address()], { stdin: "hello" });
  assertEquals(exit.out, "");
  await using waiting = Coax.start(["echo", "127.0.0.1:0", "--allow", `@${path}`]);
  await using late = Coax.spawn(["sh", "-c", `exec > ${path}; echo open >&2; cat`], {
    stdin: PIPE,
  });
  await late.logs(/open/);
  waiting.signal("SIGTERM");
  assertEquals((await waiting.exit()).status, 0);
});
