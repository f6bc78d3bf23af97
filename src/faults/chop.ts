/** `--chop`: small pieces, to test receivers that take one read for one message. */
import type { Connection } from "../core/duplex.ts";
import { type Emit, withSendHook } from "./send_hook.ts";

/** Sends to a stream in pieces of at most `size` bytes. Messages are left whole. */
export function chop(connection: Connection, size: number, emit: Emit): Connection {
  if (connection.framing === "message") return connection;
  return withSendHook(connection, {
    piece: size,
    before: (length) => emit("chop", `sent a piece of ${length} bytes to ${connection.peer}`),
  });
}
