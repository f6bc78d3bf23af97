/** WebSockets of a relay: the Close of one reaches the other, and who has closed gets no more. */
import {
  type Channel,
  type Close,
  type Connection,
  type Duplex,
  isWebSocket,
  type Message,
} from "../core/duplex.ts";
import { CloseError, FaultError, ReaderGoneError } from "../core/errors.ts";
import { isClean, isOrderly, NORMAL } from "../ws/close.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";

/**
 * A connection that ends as `source`, the other one, where that is a WebSocket. Another WebSocket
 * ends by the Close that `source` has received, at once, since a peer that has closed hears nothing
 * more (RFC 6455 §5.5.1); a byte stream by a reset, where that Close is an error.
 *
 * @param ownClose What is sent instead of a Close that is no error.
 */
export function passingCloses(
  connection: Connection,
  source: Connection,
  ownClose: Close | undefined,
): Connection {
  if (!isWebSocket(source)) return connection;
  if (connection.framing === "stream") return breakingOff(connection, source, ownClose);
  return isWebSocket(connection) ? closingAlike(connection, source, ownClose) : connection;
}

/**
 * A client's WebSocket that takes no more once the client has closed: an answer that comes too late
 * is dropped, which is no failure. Not where the target is our own, which is to notice.
 */
export function allowingLateAnswers(client: Connection, target: Connection): Connection {
  return isWebSocket(client) && !target.own ? new UntilClose(client) : client;
}

/**
 * The same for a target, where the client is a WebSocket, too: it learns of the Close, which its
 * messages may have crossed. What others send must not vanish: there it stays a failure.
 */
export function allowingCrossing(target: Connection, client: Connection): Connection {
  return isWebSocket(target) && isWebSocket(client) ? new UntilClose(target) : target;
}

function closingAlike(connection: Channel, source: Channel, ownClose?: Close): Channel {
  return new (class extends ChannelWrapper {
    override async closeWrite(): Promise<void> {
      const { peerClose } = source;
      if (!peerClose) return await super.closeWrite();
      this.closeWith(ownClose && isOrderly(peerClose.code) ? ownClose : peerClose);
    }
  })(connection);
}

function breakingOff(connection: Duplex, source: Channel, ownClose = NORMAL): Duplex {
  return new (class extends DuplexWrapper {
    override async closeWrite(): Promise<void> {
      const { peer, peerClose } = source;
      if (!peerClose || isClean(peerClose.code, ownClose)) return await super.closeWrite();
      this.close(new CloseError(peer, peerClose.code, peerClose.reason));
    }
  })(connection);
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
