/** A limit of a file's size (`ulimit -f`): writing on fails as on a full disk, and kills nobody. */
import { assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { listenHere, send } from "./peers.ts";

const LIMIT = 65_536;
const LONG = "line of text\n".repeat(20_000);

const ignore = lacks("programs of Debian") || lacks("signals");

/** Limits files of a running process; sooner, the runtime's own ones would be limited as well. */
async function limit({ pid }: Coax): Promise<void> {
  const args = [`--pid=${pid}`, `--fsize=${LIMIT}:`];
  assertEquals((await new Deno.Command("prlimit", { args }).output()).code, 0);
}

Deno.test({
  name: "a stdout that may not grow on is status 10, with a line and all that it may hold",
  ignore,
  async fn() {
    await using temp = await temporary();
    const stdout = `${temp.path}/out`;
    using peer = listenHere();
    await using client = Coax.start(["client", peer.address], { stdout, stdin: PIPE });
    using conn = await peer.accept();
    await limit(client);
    await send(conn, LONG).catch(() => {}); // It ends before it has read all.
    const { status, stderr } = await client.exit();
    assertEquals([status, stderr], [10, "coax: write stdout: file too large\n"]);
    assertEquals(await Deno.readTextFile(stdout), LONG.slice(0, LIMIT));
  },
});

Deno.test({
  name: "a recording that may not grow on ends with a line, and the traffic goes on",
  ignore,
  async fn() {
    await using temp = await temporary();
    const file = `${temp.path}/r`;
    await using echo = Coax.start(["echo", "127.0.0.1:0", "--record", file]);
    const address = await echo.address();
    await limit(echo);
    for (const text of [LONG, "and on"]) {
      const exit = await run(["client", address], { stdin: text });
      assertEquals([exit.status, exit.out === text], [0, true]);
    }
    echo.signal("SIGTERM");
    const { status, stderr } = await echo.exit();
    assertEquals(status, 10);
    assertMatch(stderr, /^coax: record .*: file too large; the recording ends here$/m);
    assertEquals(Deno.statSync(file).size, LIMIT);
  },
});

Deno.test({
  name: "a stderr that may not grow on holds up nothing, not even the status of a failure",
  ignore,
  async fn() {
    await using temp = await temporary();
    const log = `${temp.path}/log`;
    const before = ["sh", "-c", `exec "$@" 2>'${log}'`, "sh"];
    using peer = listenHere();
    const words = ["client", "-x", "--expect", "never", peer.address];
    await using client = Coax.start(words, { before });
    using conn = await peer.accept();
    await limit(client);
    await send(conn, LONG);
    await conn.closeWrite();
    const { status, out } = await client.exit();
    assertEquals([status, out === LONG], [9, true]);
    assertEquals(Deno.statSync(log).size, LIMIT);
  },
});

for (const ignored of [false, true]) {
  Deno.test({
    name: `a child has the signal for large files ${ignored ? "ignored, as we had" : "as ever"}`,
    ignore: ignore || lacks("/proc"),
    async fn() {
      const before = ignored ? ["sh", "-c", `trap '' XFSZ; exec "$@"`, "sh"] : [];
      const { out } = await run(["client", "exec:cat /proc/self/status"], { before });
      const [, mask] = /^SigIgn:\s+(\w+)$/m.exec(out)!;
      const bit = BigInt(`0x${mask}`) >> 24n & 1n; // SIGXFSZ is 25.
      assertEquals(bit, ignored ? 1n : 0n);
    },
  });
}
