/** The closing handshake, and the end of the connection under it (RFC 6455 §7.1). */
import type { Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import { settledWithin, withTimeout } from "../core/time.ts";
import { type Close, formatClose, NO_CODE, noClose, ViolationError } from "./close.ts";
import type { Inbound } from "./inbound.ts";
import type { FrameWriter } from "./writer.ts";

/** A closing handshake takes at most this long, milliseconds. */
const CLOSE_WAIT = 2000;
/** After both Closes, a server gets this long to end the connection itself, milliseconds. */
const END_WAIT = 250;

/** What is to be closed. */
interface Parts {
  readonly stream: Duplex;
  readonly writer: FrameWriter;
  readonly inbound: Inbound;
  readonly isServer: boolean;
}

/** Closes one WebSocket, once. */
export class Closing {
  /** The peer has been sent our Close: whether it answers is its own affair. */
  #sent = false;

  constructor(private readonly parts: Parts, private readonly log: Log) {}

  /**
   * Does the handshake within its time, and lets go of everything. Rejects with an abnormal end of
   * the peer's side.
   *
   * @param close What our Close says; without it there is nobody to hear it.
   */
  async run(close: Close | undefined): Promise<void> {
    const { stream, inbound } = this.parts;
    const handshake = close ? this.#handshake(close) : Promise.resolve();
    const silence = noClose(stream.peer, `no Close for ${CLOSE_WAIT / 1000} s`);
    try {
      await withTimeout(handshake, CLOSE_WAIT, () => silence);
      if (inbound.ending?.error) throw inbound.ending.error;
    } catch (error) {
      if (error !== silence || !this.#sent) throw error;
    } finally {
      stream.close();
      await stream.closed;
      await handshake.catch(() => {});
      await inbound.reading;
      inbound.release();
    }
  }

  /** Sends our Close, or the answer to the peer's, and waits for what the peer still has to say. */
  async #handshake(close: Close): Promise<void> {
    const { stream, inbound, isServer } = this.parts;
    await this.#send(close);
    await inbound.reading;
    while (!inbound.ending) await inbound.take();
    if (inbound.ending.error instanceof ViolationError) {
      // Frames behind a broken one can't be told apart: wait for the peer's end instead.
      await stream.closeWrite();
      await inbound.drain();
    } else if (!isServer) {
      // The server ends the connection: a client's port would stay in TIME_WAIT (§7.1.1).
      await settledWithin(inbound.drain(), END_WAIT);
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
