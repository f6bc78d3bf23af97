/** Connected TLS sockets, whose write side is closed by close_notify (RFC 8446 §6.1). */
import { drain } from "../../core/drain.ts";
import { ExpectationError, isQuiet, TimeoutError } from "../../core/errors.ts";
import { settledWithin } from "../../core/time.ts";
import { descriptorOf } from "../held.ts";
import { Socket } from "../socket.ts";

/** Milliseconds at a close for buffered bytes and close_notify to be sent. */
const SEND_WAIT = 2000;
/** Milliseconds for the peer to close its side after our close_notify. */
const PEER_CLOSE_WAIT = 250;

/**
 * Buffers encrypted bytes. `closeWrite` waits until they are sent, and so does a close without a
 * failure, which sends close_notify if `closeWrite` hasn't.
 */
export class TlsSocket extends Socket {
  protected override readonly buffersWrites = true;
  #writing: Promise<void> | undefined;

  override write(bytes: Uint8Array): Promise<void> {
    return this.#writing = super.write(bytes);
  }

  protected override finishSending(reason?: Error): Promise<boolean> | undefined {
    if (isInOrder(reason)) return this.#closeInOrder();
    // After a FIN, the runtime's close can't send close_notify: the peer sees a truncation.
    descriptorOf(this.conn)?.shutdown();
    return undefined;
  }

  async #closeInOrder(): Promise<boolean> {
    let sent = false;
    await settledWithin(this.#sendCloseNotify().then(() => sent = true), SEND_WAIT);
    // Closing with unread input is a reset, which can discard what the peer hasn't read yet.
    if (sent && !this.receivedEof) await settledWithin(drain(this.conn), PEER_CLOSE_WAIT);
    return sent;
  }

  /** Sends close_notify after the pending write, so that no byte is lost. */
  async #sendCloseNotify(): Promise<void> {
    await this.#writing;
    await this.conn.closeWrite();
  }
}

/** A TLS socket that can't half-close: with these options the documentation promises none. */
export class NoHalfCloseTlsSocket extends TlsSocket {
  override readonly halfClose = false;
}

/** Whether nothing has failed towards the peer, as with WebSocket's close codes 1000 and 1001. */
function isInOrder(reason?: Error): boolean {
  return reason === undefined || reason instanceof TimeoutError ||
    reason instanceof ExpectationError || isQuiet(reason);
}
