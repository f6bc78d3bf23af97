/** Closing a connection as a command finishes, which it must not hold up. */
import type { Connection } from "./duplex.ts";
import { settledWithin } from "./time.ts";

/** Time for closing handshakes when a command doesn't wait for its peers, milliseconds. */
export const CLOSE_GRACE = 500;

/** Closes `connection`, and gives its closing handshake `CLOSE_GRACE`. */
export async function closeGracefully(connection: Connection, reason?: Error): Promise<void> {
  connection.close(reason);
  await settledWithin(connection.closed, CLOSE_GRACE);
}
