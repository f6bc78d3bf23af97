/** A WebSocket as a `Channel`, once its handshake is through (RFC 6455 §5 to §7). */
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { BrokenError, CloseError, TimeoutError } from "../core/errors.ts";
import { MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { settledWithin, withTimeout } from "../core/time.ts";
import {
  type Close,
  closeFor,
  formatClose,
  isClean,
  NO_CLOSE,
  NO_CODE,
  NORMAL,
  ViolationError,
} from "./close.ts";
import type { Deflate } from "./deflate.ts";
import { Heartbeat, type HeartbeatOptions, Pongs } from "./heartbeat.ts";
import { FrameReader, type Incoming } from "./reader.ts";
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

/** A closing handshake takes at most this long, milliseconds. */
const CLOSE_WAIT = 2000;
/** After both Closes, a server gets this long to end the connection itself, milliseconds. */
const END_WAIT = 250;
/** After a failed write, the peer's Close, which says why, may still be on its way, milliseconds. */
const EXPLANATION_WAIT = 100;

export class WebSocketChannel implements Channel {
  readonly framing = "message";
  readonly typed = true;
  readonly halfClose = false;
  /** By 1011 (RFC 6455 §7.4.1). */
  readonly showsReset = true;
  readonly closed: Promise<Error | void>;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #heartbeat: Heartbeat;
  readonly #pongs = new Pongs((data) => this.#writer.pong(data));
  /** What our Close says at a normal end. */
  readonly #normal: Close;
  readonly #settle = Promise.withResolvers<Error | void>();
  /** The peer's side is over; nothing is received after it. */
  #end: { readonly error?: Error; readonly close?: Close } | undefined;
  readonly #ended = Promise.withResolvers<void>();
  /** `close` has been called. */
  #closing: { readonly reason?: Error } | undefined;
  /** The one read that is under way. */
  #reading: Promise<unknown> | undefined;
  #wake = (_reason?: Error) => {};
  #finishing = false;
  /** The peer has been sent our Close: whether it answers is its own affair. */
  #said = false;
  #missedPong = false;
  #partial = 0;

  constructor(
    private readonly stream: Duplex,
    private readonly agreement: Agreement,
    options: ChannelOptions,
    private readonly log: Log,
  ) {
    const { isServer, deflate, rest } = agreement;
    const { maxMessage = MAX_MESSAGE, close = NORMAL } = options;
    this.#normal = close;
    this.#reader = new FrameReader(stream, {
      isServer,
      deflate,
      maxMessage,
      rest,
      evicted: (violation) => this.#evicted(violation),
    });
    this.#writer = new FrameWriter(stream, { masked: !isServer, deflate });
    this.#heartbeat = new Heartbeat(options, {
      ping: (data) => this.#ping(data),
      excused: () => this.#excused(),
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
  get heard(): number {
    return this.#reader.heard;
  }
  /** Of the peer's Close where there was one, 1006 where it went without (RFC 6455 §7.1.5). */
  get closeCode(): number {
    return this.#end ? this.#end.close?.code ?? 1006 : this.#ourClose().code;
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
      await settledWithin(this.#ended.promise, EXPLANATION_WAIT);
      this.#throwIfEnded();
      throw error;
    }
  }

  #throwIfEnded(): void {
    if (!this.#end) return;
    throw this.#end.error ??
      new BrokenError("send to", this.peer, `closed with ${formatClose(this.#end.close!)}`);
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
    while (!this.#end && !this.#closing) {
      const message = await this.#take();
      if (message) return message;
    }
    return await endWith(this.#end?.error);
  }

  /** Takes one frame from the peer, and answers it if it isn't a message. One call at a time. */
  async #take(): Promise<Message | undefined> {
    const read = this.#reader.next();
    this.#reading = read.catch(() => {});
    try {
      const incoming = await read;
      if (incoming.kind === "message") return incoming.message;
      this.#control(incoming);
    } catch (error) {
      const broken = error instanceof BrokenError && !(error instanceof ViolationError);
      this.#over(broken ? this.#noClose(error.reason, { cause: error }) : error as Error);
    } finally {
      this.#reading = undefined;
    }
  }

  #control(incoming: Exclude<Incoming, { kind: "message" }>): void {
    const { peer, log } = this;
    switch (incoming.kind) {
      case "ping":
        log.trace("ping", `ping from ${peer}`, { peer });
        this.#pongs.answer(incoming.data);
        return;
      case "pong":
        log.trace("pong", `pong from ${peer}`, { peer });
        this.#heartbeat.pong(incoming.data);
        return;
      case "close": {
        const { code, reason } = incoming;
        log.debug("close-frame", `Close from ${peer}: ${formatClose(incoming)}`, { peer, code });
        const clean = isClean(code, this.#normal);
        this.#over(clean ? undefined : new CloseError(peer, code, reason), incoming);
        return;
      }
      case "end": {
        // After our own Close, a peer may leave it at that.
        const normal = this.#closing && !this.#closing.reason;
        this.#over(normal ? undefined : this.#noClose("the connection ended without a Close"));
      }
    }
  }

  /** The message that is coming was given up, though its next byte may never come. */
  #evicted(violation: ViolationError): void {
    this.#wake(violation);
    this.#over(violation);
  }

  #noClose(how: string, options?: ErrorOptions): CloseError {
    return new CloseError(this.peer, NO_CLOSE, how, options);
  }

  #over(error: Error | undefined, close?: Close): void {
    this.#end = { error, close };
    this.#ended.resolve();
    this.#finish();
  }

  /** Ends what is left of the connection, once, whoever began. */
  #finish(): void {
    if (this.#finishing) return;
    this.#finishing = true;
    this.#heartbeat.stop();
    // Whoever closes with a reason, or has received the peer's end, knows already.
    const told = this.#end !== undefined || this.#closing?.reason !== undefined;
    const settle = () => this.#settle.resolve(this.#closing?.reason);
    this.#leave().then(settle, told ? settle : this.#settle.reject);
  }

  /** Shakes hands within its time, and lets go of everything. Rejects with an abnormal end. */
  async #leave(): Promise<void> {
    const hands = this.#shakeHands();
    const silence = this.#noClose(`no Close for ${CLOSE_WAIT / 1000} s`);
    try {
      await withTimeout(hands, CLOSE_WAIT, () => silence);
      if (this.#end?.error) throw this.#end.error;
    } catch (error) {
      if (error !== silence || !this.#said) throw error;
    } finally {
      this.stream.close();
      await this.stream.closed;
      await hands.catch(() => {});
      await this.#reading;
      this.#reader.release();
    }
  }

  /** The closing handshake (RFC 6455 §7.1.2), ours or the answer to the peer's. */
  async #shakeHands(): Promise<void> {
    const { error, close } = this.#end ?? {};
    if (this.#missedPong || (error instanceof CloseError && !close)) return; // There is nobody.
    await this.#sendClose(close ?? this.#ourClose());
    await this.#reading;
    while (!this.#end) await this.#take();
    if (this.#end.error instanceof ViolationError) {
      // Frames behind a broken one can't be told apart: wait for the peer's end instead.
      await this.stream.closeWrite();
      await this.#reader.drain();
    } else if (!this.agreement.isServer) {
      // The server ends the connection: a client's port would stay in TIME_WAIT (§7.1.1).
      await settledWithin(this.#reader.drain(), END_WAIT);
    }
  }

  #ourClose(): Close {
    const error = this.#closing?.reason ?? this.#end?.error;
    return error ? closeFor(error) : this.#normal;
  }

  async #sendClose(close: Close): Promise<void> {
    const { peer } = this;
    await this.#writer.close(close.code === NO_CODE ? undefined : close.code, close.reason);
    this.#said = true;
    this.log.debug("close-frame", `Close to ${peer}: ${formatClose(close)}`, {
      peer,
      code: close.code,
    });
  }

  #ping(data: Uint8Array): void {
    this.log.trace("ping", `ping to ${this.peer}`, { peer: this.peer });
    this.#writer.ping(data).catch(() => {}); // Whoever reads or sends meets the same failure.
  }

  #excused(): boolean {
    const { partial } = this.#reader;
    const moving = partial > 0 && partial !== this.#partial;
    this.#partial = partial;
    return moving || !this.#reading;
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
