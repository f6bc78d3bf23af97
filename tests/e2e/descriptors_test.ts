/** Silent peers take all of a process's descriptors: they make room for those who speak. */
import { assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { Coax, run } from "./coax.ts";
import { connectTo } from "./peers.ts";

/** Fewer descriptors than silent peers, who may be silent for longer than a client waits. */
const FEW = { before: ["prlimit", "--nofile=64"] };
const PATIENT = ["--handshake-timeout", "5m"];
const SILENT = 80;

/** Connects peers that say nothing. */
async function crowd(address: string): Promise<AsyncDisposable> {
  const plain = address.replace(/^(tls|wss?):/, "tcp:").replace(/\/$/, "");
  const conns = await Promise.all(Array.from({ length: SILENT }, () => connectTo(plain)));
  return {
    [Symbol.asyncDispose]() {
      for (const conn of conns) conn.close();
      return Promise.resolve();
    },
  };
}

const listeners = [
  { name: "TLS", at: ["tls://127.0.0.1:0", "--self-signed"] },
  { name: "WebSocket", at: ["ws://127.0.0.1:0"] },
];

for (const { name, at } of listeners) {
  Deno.test({
    name: `silent peers without a handshake leave descriptors to others, over ${name}`,
    ignore: lacks("programs of Debian"),
    async fn() {
      await using echo = Coax.start(["echo", ...at, ...PATIENT], FEW);
      const address = await echo.address();
      await using _crowd = await crowd(address);
      const pin = /^pin (\S+)$/m.exec(echo.stderr)?.[1];
      const args = ["client", address, ...pin ? ["--pin", pin] : [], "--connect-timeout", "60s"];
      const { out, stderr } = await run(args, { stdin: "x\n" });
      assertEquals(out, "x\n", stderr);
      assertMatch(echo.stderr, /refused .*its handshake isn't over \(no descriptor is free\)$/m);
    },
  });
}
