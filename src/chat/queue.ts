/**
 * What waits for one member. Everyone has a queue and a task that drains it, so that nobody waits
 * for anybody else; a queue that is full ends its member, not the room.
 */
import { settles } from "../core/time.ts";

/** Bytes that may wait. */
export const QUEUE_LIMIT = 1024 * 1024;
/** Bytes that are written at once. */
const BATCH = 64 * 1024;
/** A batch that takes longer than this shows a member that nobody should wait for, milliseconds. */
const STALLED = 250;

export class SendQueue {
  #waiting: Uint8Array[] = [];
  /** Bytes that wait or are being written. */
  #size = 0;
  /** When the batch that is being written was begun. */
  #since = 0;
  #draining = false;
  #over = false;
  #progress = Promise.withResolvers<void>();

  /**
   * @param send Sends some messages, in order.
   * @param fail Gets what `send` has rejected with; nothing is sent after that.
   */
  constructor(
    private readonly send: (messages: readonly Uint8Array[]) => Promise<void>,
    private readonly fail: (error: Error) => void,
  ) {}

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
    this.push(last);
  }

  /** Whether more than half of it is taken. */
  get crowded(): boolean {
    return this.#size > QUEUE_LIMIT / 2 && !this.#over;
  }

  /** Resolves when it isn't crowded, or whoever it is for is so slow that it won't be waited for. */
  async relief(): Promise<void> {
    while (this.crowded) {
      const left = this.#since + STALLED - performance.now();
      if (left <= 0) return;
      await settles(this.#progress.promise, left);
    }
  }

  /** Resolves when all has been sent, or after `ms` milliseconds. */
  async drained(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (this.#size > 0 && !this.#over && performance.now() < end) {
      await settles(this.#progress.promise, end - performance.now());
    }
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    // What is said in the same turn of the event loop goes out together.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        const [batch, size] = this.#next();
        this.#since = performance.now();
        await this.send(batch);
        this.#size -= size;
        this.#notify();
      }
    } catch (error) {
      this.#over = true;
      this.#waiting = [];
      this.#notify();
      this.fail(error as Error);
    }
    this.#draining = false;
  }

  #next(): [batch: Uint8Array[], size: number] {
    let count = 0;
    let size = 0;
    while (count < this.#waiting.length && (count === 0 || size < BATCH)) {
      size += this.#waiting[count++]!.length;
    }
    return [this.#waiting.splice(0, count), size];
  }

  #notify(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }
}
