/** Rights that are no longer needed are given up: what a peer makes of us can't use them either. */
import type { Log } from "../core/log.ts";
import { keepOnlyLibc } from "./libc.ts";

const RIGHTS = ["net", "read", "run", "write"] as const;
export type Right = (typeof RIGHTS)[number];

/**
 * Gives up every right but `kept`, for the rest of the process. Sockets that are bound go on
 * accepting without `net`; only UDP needs it to send.
 */
export function keepOnly(kept: ReadonlySet<Right>, log: Log): void {
  keepOnlyLibc();
  const given = RIGHTS.filter((name) => !kept.has(name));
  for (const name of given) Deno.permissions.revokeSync({ name });
  if (given.length > 0) log.trace("rights", `gave up the rights to ${given.join(", ")}`);
}
