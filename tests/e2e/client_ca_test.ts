/** `--client-ca` where the runtime can't ask for certificates: refused, and nothing is bound. */
import { assertEquals, assertRejects } from "@std/assert";
import { hasMutualTls } from "../../src/transports/tls/mutual.ts";
import { authority } from "../support/certificates.ts";
import { tlsFiles } from "../support/tls_files.ts";
import { run, temporary } from "./coax.ts";

const trusted = await authority();

const COMMANDS: [command: string, scheme: string, ...more: string[]][] = [
  ["server", "tls"],
  ["echo", "wss"],
  ["relay", "tls", "127.0.0.1:1"],
  ["chat", "wss"],
];

// Elsewhere tests/interop/mutual_tls_test.ts shows what the option does.
for (const [command, scheme, ...more] of hasMutualTls() ? [] : COMMANDS) {
  Deno.test(`${command} --client-ca is status 2 and names the Deno that it needs`, async () => {
    await using files = await tlsFiles(trusted);
    await using directory = await temporary();
    const ready = `${directory.path}/ready`;
    const options = [...files.serving, "--client-ca", files.trusting[1]!, "--ready-file", ready];
    const { status, stderr } = await run([command, `${scheme}://127.0.0.1:0`, ...more, ...options]);
    const reason = `needs Deno 2.9 or newer to run coax; this is ${Deno.version.deno}`;
    const help = `Try 'coax ${command} --help'`;
    assertEquals([status, stderr], [2, `coax: --client-ca: ${reason}. ${help}\n`]);
    await assertRejects(() => Deno.stat(ready), Deno.errors.NotFound);
  });
}
