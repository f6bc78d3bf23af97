/** Lets those who wait for a condition know that it may have come true. */
import { settledWithin } from "./time.ts";

/** A condition variable: waiters check their condition again at each `notify`. */
export class Notifier {
  #next: PromiseWithResolvers<void> | undefined;

  /** Resolves at the next `notify`. Earlier ones don't count: check the condition first. */
  wait(): Promise<void> {
    this.#next ??= Promise.withResolvers();
    return this.#next.promise;
  }

  /**
   * Waits for the next `notify` for at most `ms` milliseconds. Resolves with whether it came. It is
   * one itself when it doesn't come: what each wait leaves at a promise stays until that settles,
   * and one that is waited for again and again would keep ever more.
   */
  async waitWithin(ms: number): Promise<boolean> {
    const isNotified = await settledWithin(this.wait().then(() => true), ms) ?? false;
    if (!isNotified) this.notify();
    return isNotified;
  }

  /** Wakes all current waiters. */
  notify(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }
}
