/** The receiving side: messages, control frames, and the peer's Close (RFC 6455 §5.5). */
import type { Duplex, Message } from "../core/duplex.ts";
import { BrokenError, CloseError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Close, closedText, formatClose, isClean, noClose, ViolationError } from "./close.ts";
import { type FrameEvent, FrameReader, type ReaderOptions } from "./reader.ts";

/** How the peer has closed: with an error or without, with a Close or without. */
export interface CloseOutcome {
  readonly error?: Error;
  readonly close?: Close;
}

/** Callbacks to the channel. */
interface InboundHandler {
  /** Our own Close when nothing has failed: its code is no error from the peer either. */
  normal(): Close;
  /** Whether we have closed without an error: EOF without a Close is none then either. */
  isClosing(): boolean;
  ping(data: Uint8Array): void;
  pong(data: Uint8Array): void;
  /** No more messages come. A read may still be pending. */
  finished(outcome: CloseOutcome): void;
}

/** Receives what the peer sends. Reads frames only in `take`. */
export class Inbound {
  /** Set once no more messages come. */
  outcome: CloseOutcome | undefined;
  /** Messages that came too late to be received. */
  dropped = 0;
  readonly #reader: FrameReader;
  readonly #finished = Promise.withResolvers<void>();
  #reading: Promise<unknown> | undefined;
  #lastPartial = 0;

  constructor(
    private readonly stream: Duplex,
    options: Omit<ReaderOptions, "evicted">,
    private readonly handler: InboundHandler,
    private readonly log: Log,
  ) {
    this.#reader = new FrameReader(stream, {
      ...options,
      evicted: (error) => this.#finish({ error }),
    });
  }

  /** When bytes of a partial message last came, in `performance.now()`. */
  get partialAt(): number {
    return this.#reader.partialAt;
  }

  /** Resolves once there is an `outcome`. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** The pending read, if there is one; never rejects. */
  get reading(): Promise<unknown> | undefined {
    return this.#reading;
  }

  /** Reads one frame: returns a message, handles any other. One call at a time; never rejects. */
  async take(): Promise<Message | undefined> {
    const read = this.#reader.next();
    this.#reading = read.catch(() => {});
    try {
      const event = await read;
      if (event.kind === "message") return event.message;
      this.#control(event);
    } catch (error) {
      this.#failed(error as Error);
    } finally {
      this.#reading = undefined;
    }
  }

  /** The next message, if nothing has to be read for it. No `take` may be pending. */
  received(): Message | undefined {
    if (this.outcome) return undefined;
    try {
      return this.#reader.received();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #failed(error: Error): void {
    const broken = error instanceof BrokenError && !(error instanceof ViolationError);
    this.#finish({
      error: broken ? noClose(this.stream.peer, error.reason, { cause: error }) : error,
    });
  }

  #finish(outcome: CloseOutcome): void {
    this.outcome = outcome;
    this.#finished.resolve();
    this.handler.finished(outcome);
  }

  #control(event: Exclude<FrameEvent, { kind: "message" }>): void {
    const { stream: { peer }, log, handler } = this;
    switch (event.kind) {
      case "ping":
      case "pong":
        log.trace(event.kind, `${event.kind} from ${peer}`, { peer });
        return handler[event.kind](event.data);
      case "close": {
        const { code, reason } = event;
        log.debug("close-frame", `Close from ${peer}: ${formatClose(event)}`, { peer, code });
        const error = isClean(code, handler.normal())
          ? this.#unfinished(event)
          : new CloseError(peer, code, reason);
        return this.#finish({ error, close: event });
      }
      case "eof":
        if (handler.isClosing()) return this.#finish({});
        return this.#finish({ error: noClose(peer, "the connection ended without a Close") });
    }
  }

  /** The error for an orderly Close that comes within a message: what there was of it is lost. */
  #unfinished(close: Close): Error | undefined {
    if (!this.#reader.isWithinMessage) return undefined;
    const reason = `${closedText(close)} inside a message`;
    return new BrokenError("receive from", this.stream.peer, reason);
  }

  /** Reads and drops everything up to EOF. */
  drain(): Promise<void> {
    return this.#reader.drain();
  }

  /** Frees the buffers. No read may be pending. */
  release(): void {
    this.#reader.release();
  }

  /** Whether a pong may wait unread: nothing is being read, or a long message is arriving. */
  pongMayBeUnread(): boolean {
    const { partial } = this.#reader;
    const isGrowing = partial > 0 && partial !== this.#lastPartial;
    this.#lastPartial = partial;
    return isGrowing || !this.#reading;
  }
}
