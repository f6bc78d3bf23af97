/** A process that is suspended while its peers go on: SIGSTOP, a closed lid. */
import type { Coax } from "../e2e/coax.ts";
import { until } from "./wait.ts";

/**
 * Stops a process, does `meanwhile`, and resumes it when `ms` milliseconds have passed, so that its
 * timers have expired. Nothing but the time can be waited for.
 */
export async function suspended(
  coax: Coax,
  ms: number,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const start = performance.now();
  coax.signal("SIGSTOP");
  const stopped = () => /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${coax.pid}/status`));
  await until(stopped, "it is stopped");
  await meanwhile();
  await new Promise((resolve) => setTimeout(resolve, start + ms - performance.now()));
  coax.signal("SIGCONT");
}
