/** `latency`: what is sent arrives later, in the same order, without holding up its sender. */
import { Notifier } from "../core/notifier.ts";
import { Fault, type Piece } from "./fault.ts";
import { Share } from "./storage.ts";

/** A piece on its way, or EOF. */
interface Delayed {
  /** A copy: the sender's buffer is used again. Undefined for EOF. */
  readonly piece: Piece | undefined;
  /** When it came, in milliseconds of `performance.now()`. */
  readonly at: number;
  /** From -1 to 1: its part of the jitter. */
  readonly deviation: number;
  readonly delivered?: PromiseWithResolvers<void>;
  next?: Delayed;
}

export class Latency extends Fault<{ latency: number; jitter: number }> {
  #first: Delayed | undefined;
  #last: Delayed | undefined;
  /** What the next one is taking: a close in the meantime is no failure of its delivery. */
  #passing: Delayed | undefined;
  #failure: { error: unknown } | undefined;
  readonly #share = new Share();
  readonly #moved = new Notifier();

  override async put(piece: Piece): Promise<void> {
    const { length } = piece.data;
    const at = performance.now();
    const deviation = 2 * this.place.random() - 1;
    const ms = Math.max(0, this.#msOf(deviation));
    this.place.emit(
      `delayed ${length} bytes to ${this.place.connection.peer} by ${Math.round(ms)} ms`,
    );
    while (!this.#failure && !this.#share.take(length)) {
      // What doesn't fit alone is delivered from where it is, while its sender waits.
      if (this.isEmpty) return await this.#enqueue({ piece, at, deviation, ...waiting() });
      await this.#moved.wait();
    }
    if (this.#failure) throw this.#failure.error;
    this.#enqueue({ piece: { ...piece, data: piece.data.slice() }, at, deviation });
  }

  override async end(): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    await this.#enqueue({ piece: undefined, at: -Infinity, deviation: 0, ...waiting() });
  }

  override get isEmpty(): boolean {
    return this.#first === undefined;
  }

  override close(): void {
    super.close();
    if (this.place.closed) this.#fail(this.place.closed);
  }

  #msOf(deviation: number): number {
    const { latency, jitter } = this.place.attributes;
    return latency + jitter * deviation;
  }

  /** Returns the promise of the delivery, if one is asked for. */
  #enqueue(delayed: Delayed): Promise<void> | undefined {
    const wasEmpty = this.isEmpty;
    if (this.#last) this.#last.next = delayed;
    else this.#first = delayed;
    this.#last = delayed;
    if (wasEmpty) this.#deliver().catch((error) => this.#passingFailed(error));
    return delayed.delivered?.promise;
  }

  /** Passes on what waits, one after the other, until there is no more. */
  async #deliver(): Promise<void> {
    for (let delayed = this.#first; delayed; delayed = this.#first) {
      const { piece, at, deviation, delivered } = delayed;
      await this.until(() => at + this.#msOf(deviation));
      this.#passing = delayed;
      await (piece ? this.place.next.put(piece) : this.place.next.end());
      this.#passing = undefined;
      if (this.#failure) return delivered?.resolve();
      this.#first = delayed.next;
      this.#last = this.#first && this.#last;
      if (!delivered) this.#share.give(piece!.data.length);
      delivered?.resolve();
      this.#moved.notify();
    }
  }

  #passingFailed(error: unknown): void {
    this.#passing?.delivered?.reject(error);
    this.#passing = undefined;
    this.#fail(error);
  }

  /** Rejects what waits, and what comes later. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    let lost = 0;
    for (let delayed = this.#first; delayed; delayed = delayed.next) {
      if (delayed === this.#passing) continue;
      if (delayed.delivered) delayed.delivered.reject(error);
      else lost++;
    }
    if (lost > 0) this.place.lost(lost);
    this.#first = this.#last = undefined;
    this.#share.clear();
    this.#moved.notify();
  }
}

function waiting(): { delivered: PromiseWithResolvers<void> } {
  return { delivered: Promise.withResolvers() };
}
