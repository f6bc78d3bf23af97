/**
 * Pings and pongs (RFC 6455 §5.5.2, §5.5.3): asking whether a peer is still there, and answering.
 */

import { deadline } from "../core/deadlines.ts";

export interface HeartbeatOptions {
  /** Milliseconds between two pings. */
  readonly ping?: number;
  /** Milliseconds until a ping without an answer means that the peer has gone. */
  readonly pingTimeout?: number;
}

interface Pulse {
  /** Sends a ping; that may take its time where the peer reads slowly. */
  ping(data: Uint8Array): void;
  /** Whether a pong could not have been seen: we aren't reading, or it is behind a long message. */
  excused(): boolean;
  /** The peer did not answer within `ms` milliseconds. */
  missed(ms: number): void;
}

/** Pings until it is stopped; one ping is under way at a time. */
export class Heartbeat {
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  #cancel = () => {};
  #count = 0;
  #waiting = false;

  constructor(private readonly options: HeartbeatOptions, private readonly pulse: Pulse) {
    const every = options.ping ?? options.pingTimeout;
    if (every !== undefined) this.#timer = setInterval(() => this.#beat(), every);
  }

  /** A pong counts if it answers the last ping. */
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
    this.pulse.ping(this.#data());
    if (this.options.pingTimeout !== undefined) this.#wait(this.options.pingTimeout);
  }

  #wait(ms: number): void {
    this.#cancel = deadline(ms, () => {
      if (this.pulse.excused()) this.#wait(ms);
      else this.pulse.missed(ms);
    });
  }

  /** The payload of the last ping: its number. */
  #data(): Uint8Array {
    return new TextEncoder().encode(String(this.#count));
  }
}

/**
 * Answers pings without making the reader wait and without a queue: while one pong is under way,
 * only the latest ping is kept, as RFC 6455 §5.5.3 allows.
 */
export class Pongs {
  #latest: Uint8Array | undefined;
  #busy = false;

  /** @param send Sends a pong; when it fails, the connection is over and no more are sent. */
  constructor(private readonly send: (data: Uint8Array) => Promise<void>) {}

  async answer(data: Uint8Array): Promise<void> {
    this.#latest = data;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#latest) {
        const next = this.#latest;
        this.#latest = undefined;
        await this.send(next);
      }
      this.#busy = false;
    } catch {
      // Whoever reads or sends meets the same failure.
    }
  }
}
