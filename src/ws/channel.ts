/** A WebSocket as a `Channel`, once its handshake is through (RFC 6455 §5 to §7). */
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { BrokenError, CloseError, TimeoutError } from "../core/errors.ts";
import { MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { ResetFaultError } from "../core/resets.ts";
import { settledWithin } from "../core/time.ts";
import { type Close, closedText, closeFor, NO_CLOSE, NORMAL } from "./close.ts";
import { Closing } from "./closing.ts";
import type { Deflate } from "./deflate.ts";
import { Heartbeat, type HeartbeatOptions, Pongs } from "./heartbeat.ts";
import { type CloseOutcome, Inbound } from "./inbound.ts";
import { FrameWriter } from "./writer.ts";

export interface ChannelOptions extends HeartbeatOptions {
  /** Longest message, reassembled and inflated, bytes; a longer one is refused with 1009. */
  readonly maxMessage?: number;
  /** Our Close when nothing has failed, instead of 1000. */
  readonly close?: Close;
}

/** What the handshake has agreed on. */
interface Agreement {
  readonly isServer: boolean;
  /** The request's target: path and query. */
  readonly target: string;
  /** The subprotocol, if there is one. */
  readonly protocol?: string;
  /** Compression, if it was agreed on. */
  readonly deflate?: Deflate;
  /** Bytes received right behind the handshake. */
  readonly rest: Uint8Array;
}

/** Wait for the peer's Close, which has the reason, after a failed write, milliseconds. */
const CLOSE_FRAME_WAIT = 100;

export class WebSocketChannel implements Channel {
  readonly framing = "message";
  readonly typed = true;
  readonly halfClose = false;
  readonly queues = true;
  /** A close with an error sends 1011 (RFC 6455 §7.4.1). */
  readonly showsReset = true;
  readonly closed: Promise<Error | void>;
  readonly #writer: FrameWriter;
  readonly #inbound: Inbound;
  readonly #heartbeat: Heartbeat;
  readonly #pongs = new Pongs((data) => this.#writer.pong(data));
  /** Our Close when nothing has failed. */
  #normal: Close;
  readonly #settle = Promise.withResolvers<Error | void>();
  /** `close` has been called. */
  #closing: { readonly reason?: Error } | undefined;
  #wake = (_reason?: Error) => {};
  #shuttingDown = false;
  #missedPong = false;

  constructor(
    private readonly stream: Duplex,
    private readonly agreement: Agreement,
    options: ChannelOptions,
    private readonly log: Log,
  ) {
    const { isServer, deflate, rest } = agreement;
    const { maxMessage = MAX_MESSAGE, close = NORMAL } = options;
    this.#normal = close;
    this.#writer = new FrameWriter(stream, { masked: !isServer, deflate });
    this.#inbound = new Inbound(stream, { isServer, deflate, maxMessage, rest }, {
      normal: () => this.#normal,
      isClosing: () => this.#closing !== undefined && !this.#closing.reason,
      ping: (data) => void this.#pongs.answer(data),
      pong: (data) => this.#heartbeat.pong(data),
      finished: (outcome) => this.#peerFinished(outcome),
    }, log);
    this.#heartbeat = new Heartbeat(options, {
      ping: (data) => this.#ping(data),
      pongMayBeUnread: () => this.#inbound.pongMayBeUnread(),
      missed: (ms) => this.#missed(ms),
    });
    this.closed = this.#settle.promise;
    this.closed.catch(() => {}); // A caller may never await it.
  }

  get peer(): string {
    return this.stream.peer;
  }
  get local(): string | undefined {
    return this.stream.local;
  }
  get request(): { readonly path: string; readonly protocol?: string } {
    return { path: this.agreement.target, protocol: this.agreement.protocol };
  }
  get unsent(): number | undefined {
    return this.stream.unsent;
  }
  get partialAt(): number {
    return this.#inbound.partialAt;
  }
  /** The code of the first Close; 1006 if the peer closed without one (RFC 6455 §7.1.5). */
  get closeCode(): number {
    const { outcome } = this.#inbound;
    return outcome ? outcome.close?.code ?? NO_CLOSE : this.#ourClose().code;
  }
  get peerClose(): Close | undefined {
    return this.#inbound.outcome?.close;
  }

  /** Reads from the peer only while it is called: that is the back-pressure. */
  receive(): Promise<Message | null> {
    if (this.#closing) return nullOrRejection(this.#closing.reason);
    const message = this.#inbound.received();
    if (message) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      this.#wake = (reason) => nullOrRejection(reason).then(resolve, reject);
      this.#next().then(resolve, reject);
    });
  }

  received(): Message | undefined {
    return this.#closing ? undefined : this.#inbound.received();
  }

  async send(message: Message): Promise<void> {
    if (this.#closing) {
      throw this.#closing.reason ?? new BrokenError("send to", this.peer, "already closed");
    }
    this.#throwIfFinished();
    try {
      await this.#writer.message(message);
    } catch (error) {
      await settledWithin(this.#inbound.finished, CLOSE_FRAME_WAIT);
      this.#throwIfFinished();
      throw error;
    }
  }

  #throwIfFinished(): void {
    const { outcome } = this.#inbound;
    if (!outcome) return;
    throw outcome.error ??
      new BrokenError("send to", this.peer, closedText(outcome.close!));
  }

  /** Does nothing, since a WebSocket has no half-close. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#closing) return;
    this.#closing = { reason };
    this.#wake(reason);
    this.#shutDown();
  }

  closeWith(close: Close): void {
    if (this.#shuttingDown) return;
    this.#normal = close;
    this.close();
  }

  /** The next message; null after a close without error, a rejection after any other. */
  async #next(): Promise<Message | null> {
    const inbound = this.#inbound;
    while (!inbound.outcome && !this.#closing) {
      const message = await inbound.take();
      if (message && !this.#closing) return message;
      if (message) inbound.dropped++;
    }
    return await nullOrRejection(inbound.outcome?.error);
  }

  /** Closes after the peer's last message; a read may still be pending. */
  #peerFinished({ error }: CloseOutcome): void {
    this.#wake(error);
    this.#shutDown();
  }

  /** Runs the closing handshake, once, whichever side closed first. */
  #shutDown(): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    this.#heartbeat.stop();
    const inbound = this.#inbound;
    const { error, close } = inbound.outcome ?? {};
    const reset = this.#closing?.reason instanceof ResetFaultError
      ? this.#closing.reason
      : undefined;
    const isPeerGone = this.#missedPong || (error instanceof CloseError && !close);
    const { stream, agreement: { isServer } } = this;
    const closing = new Closing({ stream, writer: this.#writer, inbound, isServer }, this.log);
    // With a reason, or after the peer's close, the caller has the error already.
    const isKnown = inbound.outcome !== undefined || this.#closing?.reason !== undefined;
    const settle = () => this.#settle.resolve(this.#closing?.reason);
    closing.run(isPeerGone || reset ? undefined : close ?? this.#ourClose(), reset)
      .then(settle, isKnown ? settle : this.#settle.reject);
  }

  #ourClose(): Close {
    const error = this.#closing?.reason ?? this.#inbound.outcome?.error;
    return error ? closeFor(error) : this.#normal;
  }

  #ping(data: Uint8Array): void {
    this.log.trace("ping", `ping to ${this.peer}`, { peer: this.peer });
    this.#writer.ping(data).catch(() => {}); // The next read or send fails the same way.
  }

  #missed(ms: number): void {
    this.#missedPong = true;
    this.close(new TimeoutError("ping", this.peer, `no pong for ${ms / 1000} s`));
  }
}

/** The result of `receive` after the last message: null, or a rejection with `error`. */
function nullOrRejection(error: Error | undefined): Promise<null> {
  return error ? Promise.reject(error) : Promise.resolve(null);
}
