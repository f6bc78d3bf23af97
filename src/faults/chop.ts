/** `--chop`: small pieces, for receivers that believe a read is a message. */
import type { Connection } from "../core/duplex.ts";
import { type Emit, gated } from "./fault.ts";

/** Sends to a stream in pieces of at most `size` bytes. Messages keep their borders. */
export function chop(connection: Connection, size: number, tell: Emit): Connection {
  if (connection.framing === "message") return connection;
  return gated(connection, {
    piece: size,
    before: (length) => tell("chop", `sent a piece of ${length} bytes to ${connection.peer}`),
  });
}
