/** Pings and pongs (RFC 6455 §5.5.2, §5.5.3): finds a peer that is gone, and answers its pings. */

import { deadline } from "../core/deadlines.ts";

export interface HeartbeatOptions {
  /** Milliseconds between two pings. */
  readonly ping?: number;
  /** Milliseconds after which a ping without an answer means that the peer is gone. */
  readonly pingTimeout?: number;
}

interface HeartbeatHandler {
  /** Sends a ping. */
  ping(data: Uint8Array): void;
  /** Whether a pong may wait unread: nothing is being read, or a long message is before it. */
  pongMayBeUnread(): boolean;
  /** The peer did not answer within `ms` milliseconds. */
  missed(ms: number): void;
}

/** Sends pings until it is stopped; the next one only after the pong of the last. */
export class Heartbeat {
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  #cancel = () => {};
  #count = 0;
  #waiting = false;

  constructor(
    private readonly options: HeartbeatOptions,
    private readonly handler: HeartbeatHandler,
  ) {
    const every = options.ping ?? options.pingTimeout;
    if (every !== undefined) this.#timer = setInterval(() => this.#beat(), every);
  }

  /** Takes a pong; only one that answers the last ping counts. */
  pong(data: Uint8Array): void {
    if (!this.#waiting || String(data) !== String(this.#data())) return;
    this.#waiting = false;
    this.#cancel();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#cancel();
  }

  #beat(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#count++;
    this.handler.ping(this.#data());
    if (this.options.pingTimeout !== undefined) this.#wait(this.options.pingTimeout);
  }

  #wait(ms: number): void {
    this.#cancel = deadline(ms, () => {
      if (this.handler.pongMayBeUnread()) this.#wait(ms);
      else this.handler.missed(ms);
    });
  }

  /** The payload of the last ping: its number. */
  #data(): Uint8Array {
    return new TextEncoder().encode(String(this.#count));
  }
}

/**
 * Answers pings without blocking the reader and without a queue: while one pong is being sent, only
 * the latest ping is kept, as RFC 6455 §5.5.3 allows.
 */
export class Pongs {
  #latest: Uint8Array | undefined;
  #sending = false;

  /** @param send Sends a pong; once it has failed, no more are sent. */
  constructor(private readonly send: (data: Uint8Array) => Promise<void>) {}

  async answer(data: Uint8Array): Promise<void> {
    this.#latest = data;
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#latest) {
        const next = this.#latest;
        this.#latest = undefined;
        await this.send(next);
      }
      this.#sending = false;
    } catch {
      // The next read or send fails the same way.
    }
  }
}
