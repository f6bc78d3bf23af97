/** The closing handshake, and the close of the connection under it (RFC 6455 §7.1). */
import type { Duplex } from "../core/duplex.ts";
import { counted } from "../core/format.ts";
import type { Log } from "../core/log.ts";
import { settledWithin, withTimeout } from "../core/time.ts";
import { type Close, formatClose, NO_CODE, noClose, ViolationError } from "./close.ts";
import type { Inbound } from "./inbound.ts";
import type { FrameWriter } from "./writer.ts";

/** A closing handshake takes at most this long, milliseconds. */
const CLOSE_WAIT = 2000;
/** After both Closes, a server has this long to close the connection itself, milliseconds. */
const SERVER_CLOSE_WAIT = 250;

/** What is to be closed. */
interface Parts {
  readonly stream: Duplex;
  readonly writer: FrameWriter;
  readonly inbound: Inbound;
  readonly isServer: boolean;
}

/** Closes one WebSocket, once. */
export class Closing {
  /** Our Close was sent: a peer that doesn't answer it is no error. */
  #sent = false;

  constructor(private readonly parts: Parts, private readonly log: Log) {}

  /**
   * Runs the handshake within `CLOSE_WAIT`, then closes the stream and frees the buffers. Rejects
   * if the peer closed abnormally.
   *
   * @param close Our Close; undefined if the peer is gone, or is to see none.
   * @param reset The error of an injected reset, with which the stream is closed.
   */
  async run(close: Close | undefined, reset?: Error): Promise<void> {
    const { stream, inbound } = this.parts;
    const handshake = close ? this.#handshake(close) : Promise.resolve();
    const unanswered = noClose(stream.peer, `no Close for ${CLOSE_WAIT / 1000} s`);
    try {
      await withTimeout(handshake, CLOSE_WAIT, () => unanswered);
      if (inbound.outcome?.error) throw inbound.outcome.error;
    } catch (error) {
      if (error !== unanswered || !this.#sent) throw error;
    } finally {
      stream.close(reset);
      await stream.closed;
      await handshake.catch(() => {});
      await inbound.reading;
      inbound.release();
      this.#tellDropped();
    }
  }

  #tellDropped(): void {
    const { stream: { peer }, inbound: { dropped } } = this.parts;
    if (dropped === 0) return;
    const messages = counted(dropped, "message");
    const text = `dropped ${messages} from ${peer}, sent before it saw our Close`;
    this.log.debug("undelivered", text, { peer });
  }

  /** Sends our Close, or the answer to the peer's, and reads up to the peer's Close. */
  async #handshake(close: Close): Promise<void> {
    const { stream, inbound, isServer } = this.parts;
    await this.#send(close);
    await inbound.reading;
    while (!inbound.outcome) if (await inbound.take()) inbound.dropped++;
    if (inbound.outcome.error instanceof ViolationError) {
      // Frames behind an invalid one can't be parsed: wait for the peer's EOF instead.
      await stream.closeWrite();
      await inbound.drain();
    } else if (!isServer) {
      // The server closes first: a client's port would stay in TIME_WAIT (§7.1.1).
      await settledWithin(inbound.drain(), SERVER_CLOSE_WAIT);
    }
  }

  async #send({ code, reason }: Close): Promise<void> {
    const { stream: { peer }, writer } = this.parts;
    await writer.close(code === NO_CODE ? undefined : code, reason);
    this.#sent = true;
    const text = `Close to ${peer}: ${formatClose({ code, reason })}`;
    this.log.debug("close-frame", text, { peer, code });
  }
}
