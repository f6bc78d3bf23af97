/** What one connection does, as the events of a recording. */
import type { Connection, Message } from "../core/duplex.ts";
import { BrokenError, CloseError, CoaxError, isQuiet, reasonOf } from "../core/errors.ts";
import { endsByReset, isReset } from "../core/resets.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { Observer } from "../wrap/tap.ts";
import { type EventBody, type MessageTransport, opposite, type Side } from "./event.ts";

/** The two ends of a connection. */
interface Ends {
  /** The side of the connection's peer. */
  readonly peerSide: Side;
  /** Our address, where it is known. */
  readonly local: string | undefined;
}

/** Writes that `connection` is open. The observer writes all that it does from then on. */
export function connectionRecorder(
  connection: Connection,
  ends: Ends,
  write: (body: EventBody) => void,
): Observer {
  const { peerSide } = ends;
  const ourSide = opposite(peerSide);
  /** Who closes: the peer, if it broke the connection or sent EOF without a half-close. */
  let closer = ourSide;
  const eof = (dir: Side) => {
    if (connection.halfClose) write({ event: "half-close", dir });
    else if (dir === peerSide) closer = peerSide;
  };
  write(opening(connection, ends));
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
      if (isFailure(reason)) write(failure(reason));
      const isOurs = closer === ourSide;
      const reset = isOurs && connection.framing === "stream"
        ? endsByReset(reason)
        : isReset(reason);
      const isSeen = !isOurs || connection.showsReset === true;
      write(closing(connection, closer, reset && isSeen));
    },
  };
}

function opening(connection: Connection, { peerSide, local }: Ends): EventBody {
  return {
    event: "open",
    dir: "in",
    peer: maskSecrets(connection.peer),
    at: peerSide === "in" ? undefined : peerSide,
    local: local && maskSecrets(local),
    transport: messageTransport(connection),
  };
}

/** Only a WebSocket's messages are marked as text or binary. */
function messageTransport(connection: Connection): MessageTransport | undefined {
  if (connection.framing === "stream") return undefined;
  return connection.typed ? "ws" : "udp";
}

function failure(reason: Error): EventBody {
  const status = reason instanceof CoaxError ? reason.status : undefined;
  const own = isFromPeer(reason) ? undefined : true;
  return { event: "error", text: maskSecrets(reasonOf(reason)), status, own };
}

function closing(connection: Connection, dir: Side, reset: boolean): EventBody {
  const code = connection.framing === "message" ? connection.closeCode : undefined;
  return { event: "close", dir, code, reset: reset || undefined };
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
  return reason !== undefined && !isQuiet(reason);
}
