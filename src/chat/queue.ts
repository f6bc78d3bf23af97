/**
 * Queues what is sent to one member. Each member has a queue and a task that drains it, so that no
 * member waits for another; a full queue costs its member the connection, and nobody else.
 */
import { Notifier } from "../core/notifier.ts";
import { settledWithin } from "../core/time.ts";

/** Capacity in bytes; the history for a new member doesn't count. */
export const QUEUE_LIMIT = 1024 * 1024;
/** Most bytes and messages of one write; each write that completes shows that the member reads. */
const BATCH_BYTES = 64 * 1024;
const BATCH_MESSAGES = 128;
/** A write that takes longer has stalled: senders don't wait for the member, milliseconds. */
const STALL_TIMEOUT = 250;

export class SendQueue {
  /** What is sent before the queue; encoded only then. */
  #history: Iterator<Uint8Array> | undefined;
  #waiting: Uint8Array[] = [];
  /** Bytes that are queued or being written. */
  #size = 0;
  /** When the current write began, in milliseconds of `performance.now()`. */
  #batchStartedAt = 0;
  #draining = false;
  #failed = false;
  readonly #progress = new Notifier();

  /**
   * @param send Sends some messages, in order.
   * @param fail Called with the error of `send`; nothing is sent after that.
   */
  constructor(
    private readonly send: (messages: readonly Uint8Array[]) => Promise<void>,
    private readonly fail: (error: Error) => void,
  ) {}

  /** Sends the history first. It takes no capacity, since its messages are fetched one by one. */
  sendFirst(history: Iterable<Uint8Array>): void {
    this.#history = history[Symbol.iterator]();
    if (!this.#draining) this.#drain();
  }

  /** Queues a message. False if there is no capacity for it. */
  push(message: Uint8Array): boolean {
    if (this.#failed || message.length === 0) return true;
    if (this.#size + message.length > QUEUE_LIMIT) return false;
    this.#waiting.push(message);
    this.#size += message.length;
    if (!this.#draining) this.#drain();
    return true;
  }

  /** Drops what is queued and queues one last message instead. */
  replace(last: Uint8Array): void {
    for (const message of this.#waiting) this.#size -= message.length;
    this.#waiting = [];
    this.#history = undefined;
    this.push(last);
  }

  /** Whether more than half of the capacity is used. */
  get congested(): boolean {
    return this.#size > QUEUE_LIMIT / 2 && !this.#failed;
  }

  /** Resolves when it isn't congested, or the member has stalled. */
  async ready(): Promise<void> {
    while (this.congested) {
      const remaining = this.#batchStartedAt + STALL_TIMEOUT - performance.now();
      if (remaining <= 0) return;
      await settledWithin(this.#progress.wait(), remaining);
    }
  }

  /** Resolves when all has been sent, `send` has failed, or `ms` milliseconds are over. */
  async drained(ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (this.#pending && !this.#failed && performance.now() < deadline) {
      await settledWithin(this.#progress.wait(), deadline - performance.now());
    }
  }

  get #pending(): boolean {
    return this.#history !== undefined || this.#size > 0;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    // Messages of the same turn of the event loop share a write.
    await Promise.resolve();
    try {
      for (let next = this.#next(); next.batch.length > 0; next = this.#next()) {
        this.#batchStartedAt = performance.now();
        await this.send(next.batch);
        this.#size -= next.counted;
        this.#progress.notify();
      }
    } catch (error) {
      this.#failed = true;
      this.#waiting = [];
      this.#progress.notify();
      this.fail(error as Error);
    }
    this.#draining = false;
  }

  /** The next batch, and how many bytes of it count in `#size`. */
  #next(): { batch: Uint8Array[]; counted: number } {
    const batch = this.#nextOfHistory();
    if (batch.length > 0) return { batch, counted: 0 };
    let count = 0;
    let counted = 0;
    while (count < this.#waiting.length && count < BATCH_MESSAGES && counted < BATCH_BYTES) {
      counted += this.#waiting[count++]!.length;
    }
    return { batch: this.#waiting.splice(0, count), counted };
  }

  #nextOfHistory(): Uint8Array[] {
    const batch: Uint8Array[] = [];
    for (let size = 0; this.#history && size < BATCH_BYTES && batch.length < BATCH_MESSAGES;) {
      const { done, value } = this.#history.next();
      if (done) {
        this.#history = undefined;
      } else {
        batch.push(value);
        size += value.length;
      }
    }
    return batch;
  }
}
