/** TLS peers that never finish their handshake keep no descriptor, whichever side gives up. */
import { lacks } from "../support/parts.ts";
import { descriptors, descriptorsBackTo } from "../support/process.ts";
import { until } from "../support/wait.ts";
import { Coax } from "./coax.ts";
import { connectTo, listenHere } from "./peers.ts";

const COUNT = 50;
const ignore = lacks("/proc");

/** Clients that send nothing, or no TLS, and never close. */
async function silentClients(address: string, sends?: string): Promise<Disposable> {
  const stack = new DisposableStack();
  for (let i = 0; i < COUNT; i++) {
    const conn = stack.use(await connectTo(address.replace(/^\w+:/, "tcp:")));
    if (sends) await conn.write(new TextEncoder().encode(sends));
  }
  return stack;
}

/** The end of the handshake's time would return descriptors that were kept until then. */
const PATIENT = ["--handshake-timeout", "1h"];
/** Why a listener gives up: its options, a client's bytes, and the log's line for each. */
const REASONS = [
  ["their time is over", ["--handshake-timeout", "1s"], undefined, /timed out/g],
  [
    "newer ones need their places",
    ["-m", "2", ...PATIENT],
    undefined,
    /a newer one needs its place/g,
  ],
  [
    "they are refused",
    ["--max-per-peer", "1", ...PATIENT],
    undefined,
    /--max-per-peer 1 is reached/g,
  ],
  ["they don't speak TLS", PATIENT, "GET / HTTP/1.1\r\n\r\n", /handshake 127/g],
] as const;

for (const scheme of ["tls", "wss"]) {
  for (const [why, options, sends, line] of REASONS) {
    Deno.test({
      name: `${scheme}: ${COUNT} peers keep no descriptor after ${why}`,
      ignore,
      async fn() {
        const args = ["echo", `${scheme}://127.0.0.1:0`, "--self-signed", ...options];
        await using echo = Coax.start(args);
        const address = await echo.address();
        const before = descriptors(echo.pid);
        using _ = await silentClients(address, sends);
        const given = () => [...echo.stderr.matchAll(line)].length >= COUNT - 2;
        await until(given, "a line for each but the last");
        await descriptorsBackTo(before + 2, echo.pid);
      },
    });
  }
}

for (const options of [[], ["--insecure"], ["--pin", `sha256:${"0".repeat(64)}`]]) {
  const title = ["relay", ...options].join(" ");
  Deno.test({
    name: `${title}: silent TLS targets keep no descriptor after their time`,
    ignore,
    async fn() {
      using target = listenHere();
      const args = ["relay", "0", `tls://${target.address}`, "--connect-timeout", "500ms"];
      await using relay = Coax.start([...args, ...options]);
      const address = await relay.address();
      const before = descriptors(relay.pid);
      using _ = await silentClients(address);
      using targets = new DisposableStack();
      for (let i = 0; i < COUNT; i++) targets.use(await target.accept());
      await descriptorsBackTo(before + 2, relay.pid);
    },
  });
}
