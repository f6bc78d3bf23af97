/** A stdout that takes nothing for now: what waits for it and what ends that; nothing is lost. */
import { assertEquals, assertMatch } from "@std/assert";
import { readAll } from "../support/connections.ts";
import { Coax, PIPE, temporary } from "./coax.ts";
import { listenHere, send } from "./peers.ts";

/** What a new pipe holds (pipe(7)), bytes. */
const CAPACITY = 65_536;

/** A FIFO in `folder` that is full, and open for who reads it later. */
async function fullFifo(folder: string): Promise<{ path: string; reader: Deno.FsFile }> {
  const path = `${folder}/fifo`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const reader = await Deno.open(path, { read: true, write: true });
  await reader.write(new Uint8Array(CAPACITY));
  return { path, reader };
}

/** Reads what was written behind the first filling, up to a byte of `last`. */
async function rest(reader: Deno.FsFile, last: string): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(CAPACITY);
  while (!text.endsWith(last)) {
    const count = await reader.read(buffer);
    text += new TextDecoder().decode(buffer.subarray(0, count!)).replaceAll("\0", "");
  }
  return text;
}

for (const end of ["reader", "SIGTERM"] as const) {
  Deno.test(`a client that is done waits for its stdout, until: ${end}`, async () => {
    await using folder = await temporary();
    const { path, reader } = await fullFifo(folder.path);
    using _ = reader;
    using peer = listenHere();
    const args = ["client", "-v", "--prefix", "--expect", "yes", peer.address];
    await using client = Coax.start(args, { stdin: PIPE, stdout: path });
    using conn = await peer.accept();
    await send(conn, "yes");
    await client.logs(/^close /m);
    if (end === "SIGTERM") client.signal(end);
    else assertMatch(await rest(reader, "yes\n"), /^\[127\.0\.0\.1:\d+\] yes\n$/);
    assertEquals((await client.exit()).status, end === "SIGTERM" ? 143 : 0);
  });
}

Deno.test("--idle-timeout ends a client whose peer has left, and whose stdout takes nothing", async () => {
  await using folder = await temporary();
  const { path, reader } = await fullFifo(folder.path);
  using _ = reader;
  using peer = listenHere();
  const args = ["client", "-v", "--idle-timeout", "700ms", peer.address];
  await using client = Coax.start(args, { stdin: PIPE, stdout: path });
  using conn = await peer.accept();
  await send(conn, "an answer");
  await conn.closeWrite();
  await client.logs(/is done sending/);
  await client.end();
  await readAll(conn);
  const { status, stderr } = await client.exit();
  assertMatch(stderr, /^coax: idle 127\.0\.0\.1:\d+: no byte for 0\.7 s$/m);
  assertEquals(status, 5);
});
