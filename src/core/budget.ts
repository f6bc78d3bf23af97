/** A limit on memory that many share: over it, the largest holder is evicted. */

export interface Holder {
  /** Bytes held now. */
  readonly held: number;
  /** Gives up its bytes at once: `held` is smaller when this returns. */
  evict(): void;
}

export class Budget {
  readonly #holders = new Set<Holder>();
  #sum = 0;
  #limit: number;

  /** @param limit Bytes that all holders may have together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Raises the limit to `bytes` where it is lower. */
  allow(bytes: number): void {
    this.#limit = Math.max(this.#limit, bytes);
  }

  /** Bytes held now by all. */
  get sum(): number {
    return this.#sum;
  }

  /**
   * Records that `holder` holds `change` bytes more, or less. Over the limit the largest holders
   * are evicted; `holder` may be one of them.
   */
  changed(holder: Holder, change: number): void {
    this.#sum += change;
    if (holder.held > 0) this.#holders.add(holder);
    else this.#holders.delete(holder);
    while (this.#sum > this.#limit) this.#largest().evict();
  }

  #largest(): Holder {
    return this.#holders.values().reduce((most, one) => one.held > most.held ? one : most);
  }
}
