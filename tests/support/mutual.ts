/** Tests of listeners that ask clients for a certificate, which not every Deno can. */
import { hasMutualTls } from "../../src/transports/tls/mutual.ts";

let skipped = 0;

globalThis.addEventListener("unload", () => {
  const line = `\nskipped ${skipped} tests of --client-ca: Deno ${Deno.version.deno} can't ask ` +
    "clients for certificates\n";
  if (skipped > 0) Deno.stderr.writeSync(new TextEncoder().encode(line));
});

/** A test that needs a runtime with mutual TLS for listeners. */
export function mutualTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  const ignore = !hasMutualTls();
  if (ignore) skipped++;
  Deno.test({ name, ignore, fn });
}
