/** A WebSocket as a `Channel`, once its handshake is through (RFC 6455 §5 to §7). */
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { BrokenError, CloseError, TimeoutError } from "../core/errors.ts";
import { MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { settledWithin } from "../core/time.ts";
import { type Close, closeFor, formatClose, NO_CLOSE, NORMAL } from "./close.ts";
import { Closing } from "./closing.ts";
import type { Deflate } from "./deflate.ts";
import { Heartbeat, type HeartbeatOptions, Pongs } from "./heartbeat.ts";
import { type Ending, Inbound } from "./inbound.ts";
import { FrameWriter } from "./writer.ts";

export interface ChannelOptions extends HeartbeatOptions {
  /** A longer message, also a reassembled or inflated one, is refused with 1009, bytes. */
  readonly maxMessage?: number;
  /** What our Close says at a normal end, instead of 1000. */
  readonly close?: Close;
}

/** What the handshake has agreed on. */
interface Agreement {
  readonly isServer: boolean;
  /** The request's target: path and query. */
  readonly target: string;
  /** The subprotocol, if there is one. */
  readonly protocol?: string;
  /** Compression, if both sides do it. */
  readonly deflate?: Deflate;
  /** Bytes that came right behind the handshake. */
  readonly rest: Uint8Array;
}

/**
 * After a failed write, the peer's Close, which says why, may still be on its way, milliseconds.
 */
const EXPLANATION_WAIT = 100;

export class WebSocketChannel implements Channel {
  readonly framing = "message";
  readonly typed = true;
  readonly halfClose = false;
  /** By 1011 (RFC 6455 §7.4.1). */
  readonly showsReset = true;
  readonly closed: Promise<Error | void>;
  readonly #writer: FrameWriter;
  readonly #inbound: Inbound;
  readonly #heartbeat: Heartbeat;
  readonly #pongs = new Pongs((data) => this.#writer.pong(data));
  /** What our Close says at a normal end. */
  readonly #normal: Close;
  readonly #settle = Promise.withResolvers<Error | void>();
  /** `close` has been called. */
  #closing: { readonly reason?: Error } | undefined;
  #wake = (_reason?: Error) => {};
  #finishing = false;
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
      normal: close,
      isClosing: () => this.#closing !== undefined && !this.#closing.reason,
      ping: (data) => void this.#pongs.answer(data),
      pong: (data) => this.#heartbeat.pong(data),
      ended: (ending) => this.#ended(ending),
    }, log);
    this.#heartbeat = new Heartbeat(options, {
      ping: (data) => this.#ping(data),
      excused: () => this.#inbound.excused(),
      missed: (ms) => this.#missed(ms),
    });
    this.closed = this.#settle.promise;
    this.closed.catch(() => {}); // Whoever cares awaits it.
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
    return this.#inbound.heard;
  }
  /** Of the peer's Close where there was one, 1006 where it went without (RFC 6455 §7.1.5). */
  get closeCode(): number {
    const { ending } = this.#inbound;
    return ending ? ending.close?.code ?? NO_CLOSE : this.#ourClose().code;
  }

  /** Nothing is read from the peer but by this: what isn't received waits there. */
  receive(): Promise<Message | null> {
    if (this.#closing) return endWith(this.#closing.reason);
    return new Promise((resolve, reject) => {
      this.#wake = (reason) => endWith(reason).then(resolve, reject);
      this.#next().then(resolve, reject);
    });
  }

  async send(message: Message): Promise<void> {
    if (this.#closing) {
      throw this.#closing.reason ?? new BrokenError("send to", this.peer, "already closed");
    }
    this.#throwIfEnded();
    try {
      await this.#writer.message(message);
    } catch (error) {
      await settledWithin(this.#inbound.ended, EXPLANATION_WAIT);
      this.#throwIfEnded();
      throw error;
    }
  }

  #throwIfEnded(): void {
    const { ending } = this.#inbound;
    if (!ending) return;
    throw ending.error ??
      new BrokenError("send to", this.peer, `closed with ${formatClose(ending.close!)}`);
  }

  /** There is no half-close: whoever has waited long enough for the peer calls `close`. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#closing) return;
    this.#closing = { reason };
    this.#wake(reason);
    this.#finish();
  }

  /** The next message, or how the peer's side has ended. */
  async #next(): Promise<Message | null> {
    const inbound = this.#inbound;
    while (!inbound.ending && !this.#closing) {
      const message = await inbound.take();
      if (message) return message;
    }
    return await endWith(inbound.ending?.error);
  }

  /** The peer's side is over, or has been given up, though the next byte of it may never come. */
  #ended({ error }: Ending): void {
    this.#wake(error);
    this.#finish();
  }

  /** Ends what is left of the connection, once, whoever began. */
  #finish(): void {
    if (this.#finishing) return;
    this.#finishing = true;
    this.#heartbeat.stop();
    const inbound = this.#inbound;
    const { error, close } = inbound.ending ?? {};
    const isGone = this.#missedPong || (error instanceof CloseError && !close);
    const { stream, agreement: { isServer } } = this;
    const closing = new Closing({ stream, writer: this.#writer, inbound, isServer }, this.log);
    // Whoever closes with a reason, or has received the peer's end, knows already.
    const isKnown = inbound.ending !== undefined || this.#closing?.reason !== undefined;
    const settle = () => this.#settle.resolve(this.#closing?.reason);
    closing.run(isGone ? undefined : close ?? this.#ourClose())
      .then(settle, isKnown ? settle : this.#settle.reject);
  }

  #ourClose(): Close {
    const error = this.#closing?.reason ?? this.#inbound.ending?.error;
    return error ? closeFor(error) : this.#normal;
  }

  #ping(data: Uint8Array): void {
    this.log.trace("ping", `ping to ${this.peer}`, { peer: this.peer });
    this.#writer.ping(data).catch(() => {}); // Whoever reads or sends meets the same failure.
  }

  #missed(ms: number): void {
    this.#missedPong = true;
    this.close(new TimeoutError("ping", this.peer, `no pong for ${ms / 1000} s`));
  }
}

/** What `receive` says at the end. */
function endWith(error: Error | undefined): Promise<null> {
  return error ? Promise.reject(error) : Promise.resolve(null);
}
