/** A bounded queue between a producer that can't wait (a receive loop) and a slower consumer. */

/** The most that a queue holds. */
interface Limit<T> {
  readonly count: number;
  /** Sum of the items' `sizeOf`. */
  readonly size?: number;
  readonly sizeOf?: (item: T) => number;
}

/** First in, first out. An item that doesn't fit is refused; `push` never waits. */
export class BoundedQueue<T> {
  readonly #items: T[] = [];
  #size = 0;
  #closed = false;
  #failure: Error | undefined;
  #taker: PromiseWithResolvers<T | null> | undefined;

  constructor(private readonly limit: Limit<T>) {}

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Adds an item. Returns false where the queue is full or closed. */
  push(item: T): boolean {
    if (this.#closed) return false;
    if (this.#taker) {
      this.#taker.resolve(item);
      this.#taker = undefined;
      return true;
    }
    const size = this.#sizeOf(item);
    const { count, size: most = Infinity } = this.limit;
    if (this.#items.length >= count || this.#size + size > most) return false;
    this.#items.push(item);
    this.#size += size;
    return true;
  }

  /**
   * Resolves with the oldest item once there is one, or with null when the queue is closed; rejects
   * with the failure it was closed with. Only one call at a time may wait.
   */
  next(): Promise<T | null> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#size -= this.#sizeOf(item);
      return Promise.resolve(item);
    }
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.resolve(null);
    this.#taker = Promise.withResolvers();
    return this.#taker.promise;
  }

  /** Closes the queue, with an error if there is one. Returns the items that are left. */
  close(failure?: Error): T[] {
    if (this.#closed) return [];
    this.#closed = true;
    this.#failure = failure;
    if (failure) this.#taker?.reject(failure);
    else this.#taker?.resolve(null);
    this.#size = 0;
    return this.#items.splice(0);
  }

  #sizeOf(item: T): number {
    return this.limit.sizeOf?.(item) ?? 0;
  }
}
