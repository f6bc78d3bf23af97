/** How the failure of a served connection is logged. */
import { CoaxError, DeniedError, isQuiet, LoggedError, reasonOf } from "./errors.ts";
import type { Log } from "./log.ts";

/** Logs that a peer isn't let in. */
export function logRefused(log: Log, peer: string, why: string): void {
  log.warn("refused", `refused ${peer}: ${why}`, { peer });
}

/** Logs why a connection ended, unless that has been logged already. */
export function logFailure(log: Log, error: unknown): void {
  if (error instanceof DeniedError) logRefused(log, error.address, error.reason);
  else if (isQuiet(error)) log.debug("ended", reasonOf(error));
  else if (!(error instanceof LoggedError)) {
    log.error("failed", reasonOf(error), { status: statusOf(error), error: reasonOf(error) });
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof CoaxError ? error.status : undefined;
}
