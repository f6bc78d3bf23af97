/** Abstract Unix sockets, `unix:@name`: they have no file, and are the kernel's. */
import { assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { addressInUse } from "./address_in_use.ts";
import { Coax, PIPE, run, temporary } from "./coax.ts";

const ignore = lacks("abstract Unix sockets");

/** A name that no other test has. */
const freeName = () => `@coax-${crypto.randomUUID()}`;

for (const scheme of ["unix", "unixgram", "ws+unix"]) {
  Deno.test({
    name: `${scheme}:@name is listened on, printed, connected to, relayed, and free at the end`,
    ignore,
    async fn() {
      await using temp = await temporary();
      const address = `${scheme}:${freeName()}`;
      for (let round = 0; round < 2; round++) {
        await using echo = Coax.start(["echo", address], { cwd: temp.path });
        assertEquals(await echo.address(), address);
        await using relay = Coax.start(["relay", `${scheme}:${freeName()}`, address]);
        await using plain = Coax.start(["relay", "0", address]);
        for (const pasted of [address, await relay.address(), await plain.address()]) {
          const { status, out, stderr } = await run(["client", pasted], { stdin: "hello\n" });
          assertEquals([status, out], [0, "hello\n"], stderr);
        }
        assertEquals((await run(["wait", address])).status, 0);
        echo.signal("SIGTERM");
        assertEquals((await echo.exit()).status, 0);
      }
      assertEquals([...Deno.readDirSync(temp.path)], []);
    },
  });

  Deno.test({
    name: `${scheme}:@name that is in use is status 4, and says by whom`,
    ignore,
    async fn() {
      const address = `${scheme}:${freeName()}`;
      await using echo = Coax.start(["echo", address]);
      await echo.address();
      const { status, stderr } = await run(["server", address]);
      assertEquals(status, 4);
      assertMatch(stderr, addressInUse(echo.pid));
    },
  });

  Deno.test({
    name: `${scheme}:@name where nobody listens is status 4`,
    ignore,
    async fn() {
      const { status, stderr } = await run(["client", `${scheme}:${freeName()}`]);
      assertEquals(status, 4);
      assertMatch(stderr, /^coax: connect \S+: connection refused\n$/);
    },
  });

  Deno.test({
    name: `${scheme}:@name has no file for --socket-mode`,
    ignore,
    async fn() {
      const { status, stderr } = await run(["echo", `${scheme}:@x`, "--socket-mode", "666"]);
      assertEquals(status, 2);
      assertMatch(
        stderr,
        /^coax: --socket-mode: \S+:@x is .*abstract Unix socket(?: for datagrams)?; expected unix:, /,
      );
    },
  });
}

Deno.test({
  name: "a file that is called @name is at unix:./@name",
  ignore,
  async fn() {
    await using temp = await temporary();
    await using server = Coax.start(["server", "unix:./@name"], { stdin: PIPE, cwd: temp.path });
    assertEquals(await server.address(), "unix:./@name");
    assertEquals([...Deno.readDirSync(temp.path)].map(({ name }) => name), ["@name"]);
    const { status } = await run(["client", "unix:@name"], { cwd: temp.path });
    assertEquals(status, 4);
  },
});

Deno.test({
  name: "each end passes a relay between abstract sockets",
  ignore,
  async fn() {
    const [from, to] = [`unix:${freeName()}`, `unix:${freeName()}`];
    await using server = Coax.start(["server", to], { stdin: PIPE });
    await server.address();
    await using relay = Coax.start(["relay", from, to]);
    await relay.address();
    await using client = Coax.start(["client", from], { stdin: PIPE });
    await client.write("hello\n");
    await server.prints(/^hello\n$/);
    await client.end();
    await server.end();
    assertEquals([(await server.exit()).status, (await client.exit()).status], [0, 0]);
  },
});
