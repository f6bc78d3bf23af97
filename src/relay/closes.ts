/** WebSockets of a relay: the Close of one reaches the other, and who has closed gets no more. */
import type { Channel, Close, Connection, Message } from "../core/duplex.ts";
import { FaultError, ReaderGoneError } from "../core/errors.ts";
import { isOrderly } from "../ws/close.ts";
import { ChannelWrapper } from "../wrap/wrapper.ts";

/**
 * A WebSocket whose end is the Close that `source`, the other one, has received: at once, since a
 * peer that has closed hears nothing more (RFC 6455 §5.5.1). Any other connection is left as it is.
 *
 * @param ownClose What is sent instead of a Close that is no error.
 */
export function passingCloses<C extends Connection>(
  connection: C,
  source: Connection,
  ownClose: Close | undefined,
): C | Channel {
  return isWebSocket(connection) && isWebSocket(source)
    ? new ClosePassing(connection, source, ownClose)
    : connection;
}

/**
 * A WebSocket that takes no more once its peer has closed: what crosses its Close is dropped, which
 * is no failure. Not where the other side is our own, which is to notice.
 */
export function allowingCrossing(connection: Connection, source: Connection): Connection {
  return isWebSocket(connection) && !source.own ? new UntilClose(connection) : connection;
}

function isWebSocket(connection: Connection): connection is Channel {
  return connection.framing === "message" && connection.typed === true;
}

class ClosePassing extends ChannelWrapper {
  constructor(
    inner: Channel,
    private readonly source: Channel,
    private readonly ownClose: Close | undefined,
  ) {
    super(inner);
  }

  override async closeWrite(): Promise<void> {
    const { source: { peerClose }, ownClose } = this;
    if (!peerClose) return await super.closeWrite();
    this.closeWith(ownClose && isOrderly(peerClose.code) ? ownClose : peerClose);
  }
}

class UntilClose extends ChannelWrapper {
  override async send(message: Message): Promise<void> {
    if (this.peerClose) throw new ReaderGoneError(this.peer);
    try {
      await super.send(message);
    } catch (error) {
      if (!this.peerClose || error instanceof FaultError) throw error;
      throw new ReaderGoneError(this.peer, { cause: error });
    }
  }
}
