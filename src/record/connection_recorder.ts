/** What one connection does, as the events of a recording. */
import type { Connection, Message } from "../core/duplex.ts";
import { BrokenError, CloseError, CoaxError, reasonOf } from "../core/errors.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { Observer } from "../wrap/tap.ts";
import { opposite, type RecordedEvent, type Side } from "./event.ts";

/** An event without the fields that its recording adds. */
export type EventBody = RecordedEvent extends infer E
  ? E extends RecordedEvent ? Omit<E, "t" | "id"> : never
  : never;

/**
 * Writes that `connection` is open. The observer writes all that it does from then on.
 *
 * @param peerSide The side of the connection's peer.
 */
export function connectionRecorder(
  connection: Connection,
  peerSide: Side,
  write: (body: EventBody) => void,
): Observer {
  const ourSide = opposite(peerSide);
  /** Who closes: the peer, if it broke the connection or sent EOF without a half-close. */
  let closer = ourSide;
  const eof = (dir: Side) => {
    if (connection.halfClose) write({ event: "half-close", dir });
    else if (dir === peerSide) closer = peerSide;
  };
  const at = peerSide === "in" ? undefined : peerSide;
  write({ event: "open", dir: "in", peer: maskSecrets(connection.peer), at });
  return {
    received: (bytes, message) => write(payload(peerSide, bytes, message)),
    // Recorded before it is sent: the answer may arrive before the write returns.
    sending: (bytes, message) => write(payload(ourSide, bytes, message)),
    sendingEof: () => eof(ourSide),
    receivedEof: () => eof(peerSide),
    failed(error) {
      if (isFromPeer(error)) closer = peerSide;
    },
    closed(reason) {
      if (isFailure(reason)) write({ event: "error", text: maskSecrets(reasonOf(reason)) });
      const code = connection.framing === "message" ? connection.closeCode : undefined;
      write({ event: "close", dir: closer, code });
    },
  };
}

function payload(dir: Side, data: Uint8Array, message: Message | undefined): EventBody {
  return message
    ? { event: "message", dir, payload: message }
    : { event: "data", dir, payload: { data } };
}

/** Whether the peer broke or closed the connection, and not something on our side. */
function isFromPeer(error: Error): boolean {
  return error instanceof BrokenError || error instanceof CloseError;
}

/** Whether a connection was closed for a reason that its user would call an error. */
function isFailure(reason: Error | undefined): reason is Error {
  return reason !== undefined && !(reason instanceof CoaxError && reason.status === 0);
}
