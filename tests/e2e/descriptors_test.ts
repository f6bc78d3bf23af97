/** Silent peers take all of a process's descriptors: they make room for those who speak. */
import { assert, assertEquals } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { Coax, run } from "./coax.ts";
import { PLAIN, SECRET } from "./gates.ts";
import { connectTo, receiveText, send } from "./peers.ts";

/** Fewer descriptors than silent peers, who may be silent for longer than a client waits. */
const FEW = { before: ["prlimit", "--nofile=64"] };
const PATIENT = ["--handshake-timeout", "5m"];
const SILENT = 80;

/** A silent peer has made room for another. */
const REFUSED = /refused .*its handshake isn't over \(no descriptor is free\)$/m;

/** Connects peers that say nothing, until they have taken every descriptor of `crowded`. */
async function crowd(address: string, crowded: Coax): Promise<AsyncDisposable> {
  const plain = address.replace(/^(tls|wss?):/, "tcp:").replace(/\/$/, "");
  const conns = await Promise.all(Array.from({ length: SILENT }, () => connectTo(plain)));
  await crowded.logs(REFUSED);
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
      await using _crowd = await crowd(address, echo);
      const pin = /^pin (\S+)$/m.exec(echo.stderr)?.[1];
      const args = ["client", address, ...pin ? ["--pin", pin] : [], "--connect-timeout", "60s"];
      const { out, stderr } = await run(args, { stdin: "x\n" });
      assertEquals(out, "x\n", stderr);
    },
  });
}

/** A gate with few descriptors. */
const startGate = () =>
  Coax.start(["gate", PLAIN.at, "--secret", SECRET, ...PATIENT, "--public", "127.0.0.1"], FEW);

Deno.test({
  name: "silent peers of a gate leave descriptors to the visitors of its ports",
  ignore: lacks("programs of Debian"),
  async fn() {
    await using gate = startGate();
    const at = await gate.address();
    const words = [at.replace("tcp:", "gate:") + "/0", "--secret", SECRET];
    await using echo = Coax.start(["echo", ...words]);
    const port = await echo.address();
    await using _crowd = await crowd(at, gate);
    for (let visit = 0; visit < 3; visit++) {
      using visitor = await connectTo(port);
      await send(visitor, "hello");
      assertEquals(await receiveText(visitor, 5), "hello");
    }
  },
});

Deno.test({
  name: "visitors that nobody takes leave descriptors to those who listen at the gate",
  ignore: lacks("programs of Debian"),
  async fn() {
    await using gate = startGate();
    const words = [(await gate.address()).replace("tcp:", "gate:") + "/0", "--secret", SECRET];
    await using stopped = Coax.start(["echo", ...words]);
    const port = await stopped.address();
    stopped.signal("SIGSTOP");
    await using _crowd = await crowd(port, gate);
    const start = performance.now();
    await using echo = Coax.start(["echo", ...words]);
    using visitor = await connectTo(await echo.address());
    await send(visitor, "hello");
    assertEquals(await receiveText(visitor, 5), "hello");
    assert(performance.now() - start < 9000, "it has waited until visitors were given up");
  },
});
