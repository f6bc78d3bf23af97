/** The last of a connection at the end of a command, which must not be held up by it. */
import type { Connection } from "./duplex.ts";
import { settledWithin } from "./time.ts";

/** Time for a closing handshake when a command ends without waiting for its peers, milliseconds. */
export const CLOSE_GRACE = 500;

/** Closes `end` and gives its peer a little time to hear of it. */
export async function closeGracefully(connection: Connection, reason?: Error): Promise<void> {
  connection.close(reason);
  await settledWithin(connection.closed, CLOSE_GRACE);
}
