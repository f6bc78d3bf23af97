/** A condition variable: waiters check their condition again at each `notify`. */
export class Notifier {
  #next: PromiseWithResolvers<void> | undefined;

  /** Resolves at the next `notify`. Earlier ones don't count: check the condition first. */
  wait(): Promise<void> {
    this.#next ??= Promise.withResolvers();
    return this.#next.promise;
  }

  /** Wakes all current waiters. */
  notify(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }
}
