/** Runs coax inside of this process, which is faster than a program of its own. */
import { main } from "../../src/cli/main.ts";
import { handleFileSizeLimit } from "../../src/cli/signals.ts";
import { libc } from "../../src/transports/libc.ts";
import { soon } from "../support/wait.ts";

// Both stay from their first use on, which the test's leak check would report.
libc();
handleFileSizeLimit();

/** Runs a command line in this process and captures its output. */
export async function run(argv: readonly string[]) {
  const printed = { out: "", err: "" };
  const [stdout, stderr, stderrNow] = [Deno.stdout.write, Deno.stderr.write, Deno.stderr.writeSync];
  const keep = (name: "out" | "err") => (bytes: Uint8Array) => {
    printed[name] += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  const [keepOut, keepError] = [keep("out"), keep("err")];
  Deno.stdout.write = (bytes) => Promise.resolve(keepOut(bytes));
  Deno.stderr.write = (bytes) => Promise.resolve(keepError(bytes));
  Deno.stderr.writeSync = keepError;
  try {
    return { status: await soon(main(argv), argv.join(" ")), ...printed };
  } finally {
    Deno.stdout.write = stdout;
    Deno.stderr.write = stderr;
    Deno.stderr.writeSync = stderrNow;
  }
}
