/** Sets the umask: the permissions that new files don't get (umask(2)). */
import { platform } from "../platform/platform.ts";
import { libc } from "./libc.ts";

/**
 * Sets the umask of this process and returns the previous one, or undefined where there is
 * none. `Deno.umask` is only for systems without the C library's call: since Deno 2.9 it needs the
 * permission `sys`, which a configuration for Deno 2.7 can't grant for `umask`.
 */
export function setUmask(mask: number): number | undefined {
  if (!platform().fileModes) return undefined;
  const previous = libc()?.umask(mask);
  return previous === undefined ? Deno.umask(mask) : previous & 0o777;
}
