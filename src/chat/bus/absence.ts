/**
 * What a room does while its bus can't be reached: speakers wait for a while, then the room goes on
 * without the bus, and is shown its own facts ahead of their order.
 */
import type { Subscriber } from "./bus.ts";
import type { Outbox } from "./outbox.ts";

export class Absence {
  /** Whether the stream has taken something of ours in this session. */
  #reachable = false;
  #away = false;
  #timer: number | undefined;

  /**
   * @param process This process's name on the bus.
   * @param patience How long speakers wait before the room goes on alone, milliseconds.
   * @param began Called when that time is over.
   */
  constructor(
    private readonly hearer: Subscriber,
    private readonly outbox: Outbox,
    private readonly process: string,
    private readonly patience: number,
    private readonly began: () => void,
  ) {}

  /** Whether the room goes on without the bus. */
  get away(): boolean {
    return this.#away;
  }

  /** Whether a new fact has to be shown ahead, because the bus wouldn't take it. */
  get unreachable(): boolean {
    return this.#away && !this.#reachable;
  }

  /** There is no session: speakers wait, or the room goes on alone at once if it did so before. */
  begin(): void {
    this.#reachable = false;
    if (this.#away) return this.#goAhead();
    this.#timer ??= setTimeout(() => {
      this.#away = true;
      this.#goAhead();
      this.began();
    }, this.patience);
  }

  /** The stream takes what we send: whatever is said from now on waits for its place in it. */
  reached(): void {
    this.stop();
    this.#timer = undefined;
    this.#reachable = true;
    this.settle();
  }

  /** Ends the absence if the bus is reached, and all that came ahead has come again. */
  settle(): void {
    if (!this.#away || !this.#reachable || this.#shown().length > 0) return;
    this.#away = false;
    this.hearer.back();
  }

  /** Shows what the room hasn't seen of our own facts, without waiting for the order. */
  showAhead(): void {
    for (const entry of this.outbox.entries) {
      if (entry.shown) continue;
      entry.shown = true;
      const id = `${this.process}-${entry.number}`;
      this.hearer.deliver(entry.fact, { how: "ahead", id, time: new Date() });
    }
  }

  /** Waits no longer for patience to be over. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #goAhead(): void {
    this.hearer.away(this.#shown().map(({ fact }) => fact));
    this.showAhead();
  }

  /** Entries that came ahead, and have not come again. */
  #shown() {
    return this.outbox.entries.filter(({ shown }) => shown);
  }
}
