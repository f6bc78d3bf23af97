/** Gives up permissions that are no longer needed, so a peer that exploits a fault lacks them. */
import type { Log } from "../core/log.ts";
import { keepOnlyLibc } from "./libc.ts";

const RIGHTS = ["net", "read", "run", "sys", "write"] as const;
export type Right = (typeof RIGHTS)[number];

/**
 * Whether connecting to a Unix socket needs `net` beside `read` and `write`, as it does since Deno
 * 2.8. Asking the runtime doesn't tell: once all of `net` is granted, every query is.
 */
export const UNIX_NEEDS_NET = !Deno.version.deno.startsWith("2.7.");

/**
 * Revokes every permission but `kept`, for the rest of the process. Bound sockets go on accepting
 * without `net`; only UDP needs it, to send.
 */
export function keepOnly(kept: ReadonlySet<Right>, log: Log): void {
  keepOnlyLibc();
  const revoked = RIGHTS.filter((name) => !kept.has(name));
  for (const name of revoked) Deno.permissions.revokeSync({ name });
  if (revoked.length > 0) log.trace("rights", `gave up the rights to ${revoked.join(", ")}`);
}
