/** Unix sockets by a short path in a folder whose own is too long for a socket's. */
import { assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { addressInUse } from "./address_in_use.ts";
import { Coax, PIPE, run, temporary } from "./coax.ts";

const ignore = lacks("socket calls by libc");

async function longFolder(): Promise<{ path: string } & AsyncDisposable> {
  const temp = await temporary();
  const path = `${temp.path}/${"d".repeat(110)}`;
  await Deno.mkdir(path);
  return { path, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

for (const scheme of ["unix", "unixgram", "ws+unix"]) {
  Deno.test({
    name: `${scheme}:s is listened on, connected to and removed in a folder with a long path`,
    ignore,
    async fn() {
      await using folder = await longFolder();
      const cwd = folder.path;
      const address = `${scheme}:s`;
      await using echo = Coax.start(["echo", address], { cwd });
      assertEquals(await echo.address(), address);
      assertEquals(Deno.lstatSync(`${cwd}/s`).mode! & 0o777, 0o600);
      await using relay = Coax.start(["relay", `${scheme}:front`, address], { cwd });
      await relay.address();
      await using plain = Coax.start(["relay", "0", `${scheme}:./s`], { cwd });
      for (const each of [address, `${scheme}:./front`, await plain.address()]) {
        const { status, out, stderr } = await run(["client", each], { cwd, stdin: "hello\n" });
        assertEquals([status, out], [0, "hello\n"], stderr);
      }
      assertEquals((await run(["wait", "--once", address], { cwd })).status, 0);
      const second = await run(["server", address], { cwd });
      assertEquals(second.status, 4);
      assertMatch(second.stderr, addressInUse(echo.pid));
      for (const each of [echo, relay]) {
        each.signal("SIGTERM");
        assertEquals((await each.exit()).status, 0);
      }
      assertEquals(namesIn(cwd), []);
    },
  });

  Deno.test({
    name: `${scheme}:s is replaced where its owner is gone, in a folder with a long path`,
    ignore,
    async fn() {
      await using folder = await longFolder();
      const cwd = folder.path;
      await using dead = Coax.start(["echo", `${scheme}:s`], { cwd });
      await dead.address();
      dead.signal("SIGKILL");
      await dead.exit();
      assertEquals(namesIn(cwd), ["s"]);
      const refused = await run(["client", `${scheme}:s`], { cwd });
      assertEquals([refused.status, /connection refused/.test(refused.stderr)], [4, true]);
      await using echo = Coax.start(["echo", `${scheme}:s`], { cwd });
      assertEquals(await echo.address(), `${scheme}:s`);
      const { status, out } = await run(["client", `${scheme}:s`], { cwd, stdin: "hello\n" });
      assertEquals([status, out], [0, "hello\n"]);
    },
  });
}

Deno.test({
  name: "a half-close and --retry work in a folder with a long path",
  ignore,
  async fn() {
    await using folder = await longFolder();
    const cwd = folder.path;
    const words = ["client", "--retry", "forever", "--retry-delay", "20ms", "unix:s"];
    await using client = Coax.start(words, { cwd, stdin: PIPE });
    await client.logs(/no such file or directory; trying again/);
    await using server = Coax.start(["server", "unix:s"], { cwd, stdin: PIPE });
    await client.write("question");
    await client.end();
    await server.prints(/^question$/);
    await server.write("answer");
    await server.end();
    assertEquals((await client.exit()).out, "answer");
    assertEquals((await server.exit()).status, 0);
  },
});
