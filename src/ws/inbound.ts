/** What the peer says: its messages, its control frames, and how its side ends (RFC 6455 §5.5). */
import type { Duplex, Message } from "../core/duplex.ts";
import { BrokenError, CloseError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Close, formatClose, isClean, noClose, ViolationError } from "./close.ts";
import { type FrameEvent, FrameReader, type ReaderOptions } from "./reader.ts";

/** How the peer's side has ended: in order or not, with a Close or without. */
export interface Ending {
  readonly error?: Error;
  readonly close?: Close;
}

/** What the rest of the connection does about it. */
interface InboundHandler {
  /** What our own Close says at a normal end: a peer may say the same. */
  readonly normal: Close;
  /** Whether we are closing in order, so that the peer may leave it at that. */
  isClosing(): boolean;
  ping(data: Uint8Array): void;
  pong(data: Uint8Array): void;
  /** The peer's side is over; this can come while a read is still under way. */
  ended(ending: Ending): void;
}

/** The peer's side of a WebSocket. Frames are only read while somebody takes them. */
export class Inbound {
  /** Nothing is received after it. */
  ending: Ending | undefined;
  readonly #reader: FrameReader;
  readonly #ended = Promise.withResolvers<void>();
  #reading: Promise<unknown> | undefined;
  #partial = 0;

  constructor(
    private readonly stream: Duplex,
    options: Omit<ReaderOptions, "evicted">,
    private readonly handler: InboundHandler,
    private readonly log: Log,
  ) {
    this.#reader = new FrameReader(stream, {
      ...options,
      evicted: (error) => this.#end({ error }),
    });
  }

  /** When something of a message that wasn't whole came last, in `performance.now()`. */
  get heard(): number {
    return this.#reader.heard;
  }

  /** Resolves once there is an `ending`. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The read that is under way, if there is one; never rejects. */
  get reading(): Promise<unknown> | undefined {
    return this.#reading;
  }

  /** Takes one frame, and handles it if it is no message. One call at a time; never rejects. */
  async take(): Promise<Message | undefined> {
    const read = this.#reader.next();
    this.#reading = read.catch(() => {});
    try {
      const incoming = await read;
      if (incoming.kind === "message") return incoming.message;
      this.#control(incoming);
    } catch (error) {
      const broken = error instanceof BrokenError && !(error instanceof ViolationError);
      this.#end({
        error: broken ? noClose(this.stream.peer, error.reason, { cause: error }) : error as Error,
      });
    } finally {
      this.#reading = undefined;
    }
  }

  #end(ending: Ending): void {
    this.ending = ending;
    this.#ended.resolve();
    this.handler.ended(ending);
  }

  #control(incoming: Exclude<FrameEvent, { kind: "message" }>): void {
    const { stream: { peer }, log, handler } = this;
    switch (incoming.kind) {
      case "ping":
      case "pong":
        log.trace(incoming.kind, `${incoming.kind} from ${peer}`, { peer });
        return handler[incoming.kind](incoming.data);
      case "close": {
        const { code, reason } = incoming;
        log.debug("close-frame", `Close from ${peer}: ${formatClose(incoming)}`, { peer, code });
        const clean = isClean(code, handler.normal);
        return this.#end({
          error: clean ? undefined : new CloseError(peer, code, reason),
          close: incoming,
        });
      }
      case "end":
        if (handler.isClosing()) return this.#end({});
        return this.#end({ error: noClose(peer, "the connection ended without a Close") });
    }
  }

  /** Reads and drops whatever still comes, until the stream's end. */
  drain(): Promise<void> {
    return this.#reader.drain();
  }

  /** Gives the memory back. Nothing may be under way. */
  release(): void {
    this.#reader.release();
  }

  /** Whether a pong could not have been seen: nothing is read, or a long message is coming. */
  excused(): boolean {
    const { partial } = this.#reader;
    const moving = partial > 0 && partial !== this.#partial;
    this.#partial = partial;
    return moving || !this.#reading;
  }
}
