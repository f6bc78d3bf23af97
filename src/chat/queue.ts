/**
 * What waits for one member. Everyone has a queue and a task that drains it, so that nobody waits
 * for anybody else; a queue that is full ends its member, not the room.
 */
import { Notifier } from "../core/notifier.ts";
import { settledWithin } from "../core/time.ts";

/** Bytes that may wait, beside what a newcomer is told of the past. */
export const QUEUE_LIMIT = 1024 * 1024;
/** What is written at once, bytes and messages: each batch that gets through shows a reader. */
const BATCH = 64 * 1024;
const MOST = 128;
/** A batch that takes longer than this shows a member that nobody should wait for, milliseconds. */
const STALLED = 250;

export class SendQueue {
  /** What comes before all that waits, and is only made when it is sent. */
  #past: Iterator<Uint8Array> | undefined;
  #waiting: Uint8Array[] = [];
  /** Bytes that wait or are being written. */
  #size = 0;
  /** When the batch that is being written was begun. */
  #since = 0;
  #draining = false;
  #over = false;
  readonly #progress = new Notifier();

  /**
   * @param send Sends some messages, in order.
   * @param fail Gets what `send` has rejected with; nothing is sent after that.
   */
  constructor(
    private readonly send: (messages: readonly Uint8Array[]) => Promise<void>,
    private readonly fail: (error: Error) => void,
  ) {}

  /** Begins with the past: messages that take no room here, since they are fetched one by one. */
  begin(past: Iterable<Uint8Array>): void {
    this.#past = past[Symbol.iterator]();
    if (!this.#draining) this.#drain();
  }

  /** Takes a message. False if it would be too much; then it isn't taken. */
  push(message: Uint8Array): boolean {
    if (this.#over || message.length === 0) return true;
    if (this.#size + message.length > QUEUE_LIMIT) return false;
    this.#waiting.push(message);
    this.#size += message.length;
    if (!this.#draining) this.#drain();
    return true;
  }

  /** Drops what waits and takes one last message instead. */
  replace(last: Uint8Array): void {
    for (const message of this.#waiting) this.#size -= message.length;
    this.#waiting = [];
    this.#past = undefined;
    this.push(last);
  }

  /** Whether more than half of it is taken. */
  get crowded(): boolean {
    return this.#size > QUEUE_LIMIT / 2 && !this.#over;
  }

  /**
   * Resolves when it isn't crowded, or whoever it is for is so slow that it won't be waited for.
   */
  async relief(): Promise<void> {
    while (this.crowded) {
      const left = this.#since + STALLED - performance.now();
      if (left <= 0) return;
      await settledWithin(this.#progress.wait(), left);
    }
  }

  /** Resolves when all has been sent, or after `ms` milliseconds. */
  async drained(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (this.#pending && !this.#over && performance.now() < end) {
      await settledWithin(this.#progress.wait(), end - performance.now());
    }
  }

  get #pending(): boolean {
    return this.#past !== undefined || this.#size > 0;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    // What is said in the same turn of the event loop goes out together.
    await Promise.resolve();
    try {
      for (let next = this.#next(); next.batch.length > 0; next = this.#next()) {
        this.#since = performance.now();
        await this.send(next.batch);
        this.#size -= next.counted;
        this.#progress.notify();
      }
    } catch (error) {
      this.#over = true;
      this.#waiting = [];
      this.#progress.notify();
      this.fail(error as Error);
    }
    this.#draining = false;
  }

  /** What is sent next, and how much of it was counted. */
  #next(): { batch: Uint8Array[]; counted: number } {
    const batch = this.#nextOfPast();
    if (batch.length > 0) return { batch, counted: 0 };
    let count = 0;
    let counted = 0;
    while (count < this.#waiting.length && count < MOST && counted < BATCH) {
      counted += this.#waiting[count++]!.length;
    }
    return { batch: this.#waiting.splice(0, count), counted };
  }

  #nextOfPast(): Uint8Array[] {
    const batch: Uint8Array[] = [];
    for (let size = 0; this.#past && size < BATCH && batch.length < MOST;) {
      const { done, value } = this.#past.next();
      if (done) {
        this.#past = undefined;
      } else {
        batch.push(value);
        size += value.length;
      }
    }
    return batch;
  }
}
