/** A bounded queue between one who can't wait (a receive loop) and one who takes its time. */

/** What a queue holds at most. */
interface Limit<T> {
  readonly count: number;
  /** Sum of what `sizeOf` says of the items. */
  readonly size?: number;
  readonly sizeOf?: (item: T) => number;
}

/**
 * First in, first out; an item that doesn't fit is refused, and nobody ever waits to put one in.
 */
export class BoundedQueue<T> {
  readonly #items: T[] = [];
  #size = 0;
  #ended = false;
  #failure: Error | undefined;
  #taker: PromiseWithResolvers<T | null> | undefined;

  constructor(private readonly limit: Limit<T>) {}

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Whether the item was taken in. */
  push(item: T): boolean {
    if (this.#ended) return false;
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

  /** The oldest item, once there is one; null after the end. Only one call at a time may wait. */
  next(): Promise<T | null> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#size -= this.#sizeOf(item);
      return Promise.resolve(item);
    }
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(null);
    this.#taker = Promise.withResolvers();
    return this.#taker.promise;
  }

  /** Ends the queue, with an error if there is one; yields what nobody has taken. */
  end(failure?: Error): T[] {
    if (this.#ended) return [];
    this.#ended = true;
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
