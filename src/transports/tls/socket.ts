/** A connected TLS socket: its end is a message of its own, close_notify (RFC 8446 §6.1). */
import { CoaxError, ExpectationError, TimeoutError } from "../../core/errors.ts";
import { settledWithin } from "../../core/time.ts";
import { descriptorOf, readAll } from "../held.ts";
import { Socket } from "../socket.ts";

/** What has been taken and not sent by then is given up, milliseconds. */
const SEND_WAIT = 2000;
/** A peer that has heard our end gets this long to come to its own, milliseconds. */
const END_WAIT = 250;

/**
 * Encrypts ahead of the network: half-closing waits for all of it, and so does a close in order,
 * which says close_notify whether or not anybody has half-closed before.
 */
export class TlsSocket extends Socket {
  protected override readonly buffers = true;
  #writing: Promise<void> | undefined;

  override write(bytes: Uint8Array): Promise<void> {
    return this.#writing = super.write(bytes);
  }

  protected override farewell(reason?: Error): Promise<boolean> | undefined {
    if (isInOrder(reason)) return this.#takeLeave();
    // The runtime says close_notify at each close: after a FIN it is too late for that.
    descriptorOf(this.conn)?.shutdown();
    return undefined;
  }

  async #takeLeave(): Promise<boolean> {
    let sent = false;
    await settledWithin(this.#sendEnd().then(() => sent = true), SEND_WAIT);
    // Closing with unread input is a reset, which can take back what the peer hasn't read yet.
    if (sent && !this.peerEnded) await settledWithin(readAll(this.conn), END_WAIT);
    return sent;
  }

  /** The end comes after the last byte: what is being written is no less than what was. */
  async #sendEnd(): Promise<void> {
    await this.#writing;
    await this.conn.closeWrite();
  }
}

/** One whose end is silence, as documented for these: a half-close is lost on the way. */
export class LingeringTlsSocket extends TlsSocket {
  override readonly halfClose = false;
}

/** Whether we leave without owing the peer anything, as WebSocket's 1000 and 1001 say it. */
function isInOrder(reason?: Error): boolean {
  return reason === undefined || reason instanceof TimeoutError ||
    reason instanceof ExpectationError || (reason instanceof CoaxError && reason.status === 0);
}
