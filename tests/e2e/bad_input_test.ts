/** Input that can't be decoded: its origin decides the status. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, run } from "./coax.ts";
import { listenHere, send } from "./peers.ts";

const CASES: readonly (readonly [what: string, options: readonly string[], input: Uint8Array])[] = [
  ["no JSON", ["--frame", "jsonl"], new TextEncoder().encode("this is no JSON\n")],
  ["JSON of another kind", ["--frame", "jsonl"], new TextEncoder().encode("[1]\n")],
  ["a length without its message", ["--frame", "len4"], Uint8Array.of(0, 0, 0, 9, 1)],
  [
    "a message that is too long",
    ["--frame", "line", "--max-message", "4"],
    new TextEncoder().encode("longer\n"),
  ],
  ["text that isn't UTF-8", [], Uint8Array.of(0x61, 0xff, 0x0a)],
];

for (const [what, options, input] of CASES) {
  for (const command of ["client", "relay -"]) {
    Deno.test(`${command}: ${what} on stdin is status 10, and named`, async () => {
      await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
      const words = [...command.split(" "), await echo.address()];
      const text = command === "client" || options.length > 0 ? [] : ["--text"];
      const { status, stderr } = await run([...words, ...options, ...text], { stdin: input });
      assertEquals(status, 10, stderr);
      assertMatch(stderr, /^coax: (?:\[1\] )?read stdin: .+\n$/m);
    });
  }

  if (options.length === 0) continue; // A peer's bytes become text only where --text asks for it.
  Deno.test(`relay: ${what} from a client is that connection's failure`, async () => {
    await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
    const words = ["relay", "127.0.0.1:0", await echo.address(), "--once", ...options];
    // FROM's bytes are framed, TO is a WebSocket.
    await using relay = Coax.start(words);
    using peer = await Deno.connect(hostPort(await relay.address()));
    await peer.write(input);
    await peer.closeWrite();
    const { status, stderr } = await relay.exit();
    assertEquals(status, 1, stderr);
    assertMatch(stderr, /receive from 127\.0\.0\.1:\d+: /);
  });
}

Deno.test("client: invalid JSON from a peer is status 1", async () => {
  using peer = listenHere();
  await using relay = Coax.start(["relay", "ws://127.0.0.1:0", peer.address, "--frame", "jsonl"]);
  const client = run(["client", await relay.address()], { stdin: "a\n" });
  using conn = await peer.accept();
  await send(conn, "this is no JSON\n");
  const { status } = await client;
  await relay.logs(/receive from 127\.0\.0\.1:\d+: /);
  assertEquals(status, 8); // The relay closes its own client with 1006 or 1011.
});

function hostPort(address: string): { hostname: string; port: number } {
  const { hostname, port } = new URL(address.replace(/^tcp:/, "http:"));
  return { hostname, port: Number(port) };
}
