/** Memory that many share: over the sum, whoever holds most gives it up. */

export interface Holder {
  /** Bytes that it holds now. */
  readonly held: number;
  /** Gives up all, at once: `held` is less after it. */
  evict(): void;
}

export class Budget {
  readonly #holders = new Set<Holder>();
  #sum = 0;
  #limit: number;

  /** @param limit Bytes that all may hold together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Lets one alone hold `bytes`, if it couldn't before. */
  allow(bytes: number): void {
    this.#limit = Math.max(this.#limit, bytes);
  }

  /** Bytes that are held now. */
  get sum(): number {
    return this.#sum;
  }

  /**
   * Takes note that `holder` holds `change` bytes more, or less. Where that is too much, those who
   * hold most are evicted, `holder` itself not excepted.
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
