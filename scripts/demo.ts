/**
 * Demonstrates coax on real processes, run from source. Status 0 only if every check passes within
 * `LIMIT`. Leaves no process and no file behind.
 */
import { conversation } from "./demo/conversation.ts";
import { Demo, print } from "./demo/demo.ts";
import { transfer } from "./demo/transfer.ts";

/** Seconds for all steps after the downloads. */
const LIMIT = 120;

async function main(): Promise<number> {
  const demo = new Demo(await Deno.makeTempDir({ prefix: "coax-demo-" }));
  let stopped: string | undefined;
  const stop = (reason: string) => {
    stopped ??= reason;
    demo.clear();
  };
  const interrupt = () => stop("interrupted");
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    // Downloads dependencies before the clock starts.
    await demo.start("coax", "--version").finish();
    const began = performance.now();
    timer = setTimeout(() => stop(`not done within ${LIMIT} s`), LIMIT * 1000);
    await transfer(demo);
    await conversation(demo);
    print(`\nAll of it held, in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    return 0;
  } catch (error) {
    const reason = stopped ?? (error instanceof Error ? error.message : String(error));
    Deno.stderr.writeSync(new TextEncoder().encode(`demo: ${reason}\n`));
    return 1;
  } finally {
    clearTimeout(timer);
    for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
    await demo.clear();
    await Deno.remove(demo.folder, { recursive: true });
  }
}

Deno.exit(await main());
