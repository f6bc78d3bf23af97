/** Datagrams to a closed port: ICMP reports it, and coax too. */
import { lacks } from "../support/parts.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { unusedUdpPort } from "../support/ports.ts";
import { UdpPeer } from "../support/udp.ts";
import { Coax, PIPE, run } from "./coax.ts";

const ignore = lacks("socket calls by libc");

for (const host of ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]) {
  for (const options of [[], ["--eof", "both"], ["--send-only"]]) {
    const title = ["client", ...options].join(" ");
    Deno.test({
      name: `${title} to a closed UDP port at ${host} ends with 4`,
      ignore,
      async fn() {
        const args = ["client", ...options, `udp://${host}:${unusedUdpPort()}`];
        const { status, stderr, out } = await run(args, { stdin: "x\n" });
        assertEquals([status, out], [4, ""], stderr);
        assertMatch(stderr, /^coax: send to \S+:\d+: connection refused\n$/);
      },
    });
  }
}

Deno.test({
  name: "a client whose stdin stays open ends with 4 by its first refused datagram",
  ignore,
  async fn() {
    await using client = Coax.start(["client", `udp://127.0.0.1:${unusedUdpPort()}`], {
      stdin: PIPE,
    });
    await client.write("x\n");
    assertEquals((await client.exit()).status, 4);
  },
});

Deno.test({
  name: "what a peer sent before it went is shown before the refusal",
  ignore,
  async fn() {
    const port = unusedUdpPort();
    await using client = Coax.start(["client", `udp://127.0.0.1:${port}`], { stdin: PIPE });
    {
      using peer = new UdpPeer(undefined, port);
      await client.write("hello\n");
      await peer.receive();
      for (let i = 0; i < 20; i++) await peer.send(`${i}\n`);
    }
    await client.write("anybody?\n");
    const { status, out } = await client.exit();
    assertEquals(status, 4);
    assertEquals(out, Array.from({ length: 20 }, (_, i) => `${i}\n`).join(""));
  },
});

Deno.test("a zone that doesn't exist is status 3, and whole in the message, as with TCP", async () => {
  for (const scheme of ["tcp", "udp"]) {
    const address = `${scheme}://[fe80::1%nosuch]:5`;
    const { status, stderr } = await run(["client", address], { stdin: "x" });
    const line = `coax: resolve ${address}: no address is known for this name\n`;
    assertEquals([status, stderr], [3, line]);
  }
});
