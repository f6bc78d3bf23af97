/** Connections of a recording that depend on one another, played as fast as it goes. */
import { assertEquals, assertMatch } from "@std/assert";
import { run, temporary } from "./coax.ts";
import { listenHere, receiveText, send } from "./peers.ts";

/** A client sets a value on one connection, and when that is answered, gets it on another. */
const RECORDED = [
  { t: 0, id: 1, event: "open" },
  { t: 0, id: 2, event: "open" },
  { t: 1, id: 1, event: "data", dir: "in", text: "set" },
  { t: 2, id: 1, event: "data", dir: "out", text: "ok" },
  { t: 3, id: 2, event: "data", dir: "in", text: "get" },
  { t: 4, id: 2, event: "data", dir: "out", text: "new" },
  { t: 5, id: 1, event: "data", dir: "in", text: "bye" },
  { t: 6, id: 2, event: "close", dir: "in" },
  { t: 6, id: 1, event: "close", dir: "in" },
];

/** Serves both connections; what is set takes a while. */
async function serveBoth(target: ReturnType<typeof listenHere>, isMute: boolean): Promise<string> {
  let value = "old";
  let heard = "";
  const serveOne = async (conn: Deno.Conn) => {
    for (;;) {
      const said = await receiveText(conn, 3).catch(() => "");
      if (said === "") break;
      heard += `${said} `;
      if (said === "set") {
        await new Promise((resolve) => setTimeout(resolve, 500));
        value = "new";
        if (!isMute) await send(conn, "ok");
      } else if (said === "get") await send(conn, value);
    }
    conn.close();
  };
  const conns = [await target.accept(), await target.accept()];
  await Promise.all(conns.map(serveOne));
  return heard.trim();
}

/** Plays the recording against such a server. */
async function replay(isMute: boolean, ...options: string[]) {
  await using folder = await temporary();
  const file = `${folder.path}/two.jsonl`;
  await Deno.writeTextFile(file, RECORDED.map((event) => `${JSON.stringify(event)}\n`).join(""));
  using target = listenHere();
  const heard = serveBoth(target, isMute);
  const exit = await run(["replay", file, target.address, "--speed", "max", "--check", ...options]);
  return { ...exit, heard: await heard };
}

Deno.test("replay --speed max sends nothing before the answer on another connection that it followed", async () => {
  const { status, stderr, heard } = await replay(false);
  assertEquals([status, heard], [0, "set get bye"], stderr);
});

Deno.test("a connection that gets no answer in a replay ends alone, and the others go on", async () => {
  const { status, stderr, heard } = await replay(true, "--idle-timeout", "2s");
  assertEquals(heard, "set get", stderr);
  assertEquals(status, 9, stderr);
  assertMatch(stderr, /^\[2\] replayed connection 2: sent 3, received 3 bytes$/m);
});

Deno.test("replay --speed max ends where a peer ends without the answer, and says what is missing", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/one.jsonl`;
  const recorded = RECORDED.filter(({ id }) => id === 1);
  await Deno.writeTextFile(file, recorded.map((event) => `${JSON.stringify(event)}\n`).join(""));
  using target = listenHere();
  const serving = (async () => {
    using conn = await target.accept();
    await receiveText(conn, 3);
    await conn.closeWrite();
    return await receiveText(conn, 3); // The recorded client has more to say.
  })();
  const args = ["replay", file, target.address, "--speed", "max", "--check"];
  const { status, stderr } = await run(args);
  assertEquals(status, 9, stderr);
  assertMatch(stderr, /0 of 2 recorded bytes came/);
  assertEquals(await serving, "bye");
});
