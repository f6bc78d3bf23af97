/**
 * A stream of bytes over a WebSocket, with the half-close that a WebSocket lacks: an empty message
 * is EOF. A close without one, or with an error's code, is a reset.
 */
import type { Channel, Duplex } from "../../core/duplex.ts";
import { CloseError, ResetError } from "../../core/errors.ts";
import { Remainder } from "../../core/remainder.ts";
import { Wrapper } from "../../wrap/wrapper.ts";

const EOF = new Uint8Array();

class MessageStream extends Wrapper<Channel> implements Duplex {
  readonly framing = "stream";
  readonly #rest = new Remainder();
  #isClosed = false;
  #receivedEof = false;
  #sentEof = false;

  override get halfClose(): boolean {
    return true;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.isEmpty) {
      const bytes = this.#receivedEof ? EOF : await this.#receive();
      if (bytes.length === 0) {
        this.#receivedEof = true;
        return null;
      }
      this.#rest.set(bytes);
    }
    const count = this.#rest.moveTo(buffer);
    this.#rest.detach();
    return count;
  }

  /** The bytes of the next message; none at EOF. */
  async #receive(): Promise<Uint8Array> {
    try {
      const message = await this.inner.receive();
      if (message) return message.data;
    } catch (cause) {
      if (!(cause instanceof CloseError)) throw cause;
      throw new ResetError("receive from", this.peer, { cause });
    }
    if (this.#isClosed) return EOF;
    throw new ResetError("receive from", this.peer);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.inner.send({ data: bytes, text: false });
  }

  override async closeWrite(): Promise<void> {
    this.#sentEof = true;
    await this.inner.send({ data: EOF, text: false });
  }

  override close(reason?: Error): void {
    // A TCP connection that is closed without an error sends FIN as well.
    if (!reason && !this.#isClosed && !this.#sentEof) this.closeWrite().catch(() => {});
    this.#isClosed = true;
    this.inner.close(reason);
  }
}

/** A connection as a stream: a WebSocket's messages carry its bytes. */
export function asStream(connection: Duplex | Channel): Duplex {
  return connection.framing === "stream" ? connection : new MessageStream(connection);
}
