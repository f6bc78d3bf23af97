/** `--proxy-protocol in` with `--allow` and `--deny`: the address in a header is checked, too. */
import { assertEquals, assertMatch } from "@std/assert";
import { proxyHeader } from "../../src/proxy/proxy_protocol.ts";
import { Coax, temporary } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

/** By option: whether 6.6.6.6, named by a proxy at 127.0.0.1, is let in. */
const RULES: [options: string[], refused: string | undefined][] = [
  [["--deny", "6.6.6.6"], "6.6.6.6:6: --deny lists it"],
  [["--deny", "6.0.0.0/8"], "6.6.6.6:6: --deny lists it"],
  [["--deny", "127.0.0.1"], "127.0.0.1:\\d+: --deny lists it"],
  [["--allow", "127.0.0.1"], "6.6.6.6:6: --allow doesn't list it"],
  [["--allow", "6.6.6.6"], "127.0.0.1:\\d+: --allow doesn't list it"],
  [["--allow", "127.0.0.1,6.6.6.6", "--deny", "6.6.6.7"], undefined],
  [["--deny", "6.6.6.7"], undefined],
];

const HELLO =
  "GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

for (const scheme of ["tcp", "unix", "ws"] as const) {
  for (const version of ["v1", "v2"] as const) {
    Deno.test(`the address in a PROXY header ${version} is checked, over ${scheme}`, async () => {
      await using temp = await temporary();
      using target = listenHere();
      const named = { source: "6.6.6.6:6", destination: "7.7.7.7:7" };
      for (const [options, refused] of RULES) {
        // A Unix socket's peer has no address of its own to check.
        if (scheme === "unix" && refused?.startsWith("127")) continue;
        const from = scheme === "unix" ? `unix:${temp.path}/s` : `${scheme}://127.0.0.1:0`;
        const args = ["relay", from, target.address, "--proxy-protocol", "in", ...options];
        await using relay = Coax.start(args);
        const address = (await relay.address()).replace("ws:", "tcp:");
        using conn = await connectTo(address);
        await conn.write(proxyHeader(version, named)).catch(() => {}); // It may be closed by then.
        const request = scheme === "ws" ? HELLO : "hello";
        await send(conn, request).catch(() => {});
        if (refused) {
          assertEquals(await receiveText(conn).catch(() => ""), "", options.join(" "));
          await relay.logs(new RegExp(`refused ${refused}\n`));
        } else {
          using reached = await target.accept();
          if (scheme === "ws") assertMatch(await receiveText(conn, 12), /^HTTP\/1\.1 101/);
          else assertEquals(await receiveText(reached, request.length), request);
        }
      }
      // The target's next connection is this one: no denied one came before.
      using own = await connectTo(`tcp://${target.address}`);
      using next = await target.accept();
      assertEquals((next.remoteAddr as Deno.NetAddr).port, (own.localAddr as Deno.NetAddr).port);
    });
  }
}

Deno.test("with a header without addresses the sender's own is checked", async () => {
  using target = listenHere();
  const options = ["--proxy-protocol", "in", "--allow", "127.0.0.1"];
  await using relay = Coax.start(["relay", "127.0.0.1:0", target.address, ...options]);
  using conn = await connectTo(await relay.address());
  await send(conn, "PROXY UNKNOWN\r\nhello");
  using reached = await target.accept();
  assertEquals(await receiveText(reached, 5), "hello");
});

Deno.test("relay --once waits for the first connection that is let in", async () => {
  using target = listenHere();
  const options = ["--once", "--proxy-protocol", "in", "--deny", "6.6.6.6"];
  await using relay = Coax.start(["relay", "127.0.0.1:0", target.address, ...options]);
  const address = await relay.address();
  using denied = await connectTo(address);
  await send(denied, "PROXY TCP4 6.6.6.6 7.7.7.7 6 7\r\n");
  assertEquals(await receiveText(denied).catch(() => ""), "");
  using conn = await connectTo(address);
  await send(conn, "PROXY TCP4 5.5.5.5 7.7.7.7 5 7\r\nhello");
  await conn.closeWrite();
  using reached = await target.accept();
  assertEquals(await receiveText(reached), "hello");
  await reached.closeWrite();
  const { status, stderr } = await relay.exit();
  assertEquals(status, 0, stderr);
  assertMatch(stderr, / refused 6\.6\.6\.6:6: --deny lists it\n/);
});
