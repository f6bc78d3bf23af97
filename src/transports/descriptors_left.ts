/** Whether descriptors are left for a thread, which the runtime can't start without. */
import { libc } from "./libc.ts";

/** What a thread takes (9 in Deno 2.7.11), and some for what comes in meanwhile. */
const THREAD = 16;

/** Whether a thread can be started. Where it can't, the runtime ends the process (2.7.11). */
export function hasRoomForThread(): boolean {
  const calls = libc();
  if (!calls) return true;
  const copies: number[] = [];
  while (copies.length < THREAD) {
    const copy = calls.dup(2);
    if (copy < 0) break;
    copies.push(copy);
  }
  for (const copy of copies) calls.close(copy);
  return copies.length === THREAD;
}
