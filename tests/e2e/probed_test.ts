/** Who only looks whether somebody listens, as `coax wait` and `nc -z`, has failed at nothing. */
import { assert, assertEquals } from "@std/assert";
import { Coax, run } from "./coax.ts";

const PROBED: Readonly<Record<string, readonly string[]>> = {
  "an HTTP proxy": ["relay", "127.0.0.1:0", "http-proxy:"],
  "a SOCKS proxy": ["relay", "127.0.0.1:0", "socks5:"],
  "a PROXY header": ["relay", "127.0.0.1:0", "exec:cat", "--proxy-protocol", "in"],
  "a gate": ["gate", "127.0.0.1:0", "--secret", "geheim"],
  "a WebSocket": ["echo", "ws://127.0.0.1:0"],
  "a target of a WebSocket": ["relay", "ws://127.0.0.1:0", "exec:cat"],
};

for (const [who, args] of Object.entries(PROBED)) {
  Deno.test(`who only probes ${who} is no error`, async () => {
    await using coax = Coax.start([...args, "-v"]);
    const address = (await coax.address()).replace("ws:", "tcp:");
    assertEquals((await run(["wait", address])).status, 0);
    await coax.logs(/127\.0\.0\.1:\d+: left without a (?:request|word)\n/);
    assert(!coax.stderr.includes("coax:"), coax.stderr);
  });
}
