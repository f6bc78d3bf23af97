/** The last of a connection at the end of a command, which must not be held up by it. */
import type { End } from "./duplex.ts";
import { settledWithin } from "./time.ts";

/** Time for a closing handshake when a command ends without waiting for its peers, milliseconds. */
export const LAST_CALL = 500;

/** Closes `end` and gives its peer a little time to hear of it. */
export async function takeLeave(end: End, reason?: Error): Promise<void> {
  end.close(reason);
  await settledWithin(end.closed, LAST_CALL);
}
