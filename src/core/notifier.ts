/** A condition variable: who waits for a condition looks again whenever something has changed. */
export class Notifier {
  #next: PromiseWithResolvers<void> | undefined;

  /** Resolves at the next `notify`. It remembers none from before: look at the condition first. */
  wait(): Promise<void> {
    this.#next ??= Promise.withResolvers();
    return this.#next.promise;
  }

  /** Wakes all who wait by now. */
  notify(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }
}
