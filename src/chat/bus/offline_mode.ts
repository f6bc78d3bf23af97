/**
 * Lets a room go on while its bus can't be reached. Senders wait for a while; then the room sees
 * its own facts at once, as provisional ones, before the stream has ordered them.
 */
import type { Subscriber } from "./bus.ts";
import type { Outbox } from "./outbox.ts";

export class OfflineMode {
  /** Whether the stream has stored all that was sent in this session so far. */
  #reachable = false;
  #offline = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param process This process's name on the bus.
   * @param offlineAfter How long senders wait before the room goes offline, milliseconds.
   * @param started Called when the room goes offline.
   */
  constructor(
    private readonly subscriber: Subscriber,
    private readonly outbox: Outbox,
    private readonly process: string,
    private readonly offlineAfter: number,
    private readonly started: () => void,
  ) {}

  /** Whether the room goes on without the bus. */
  get isOffline(): boolean {
    return this.#offline;
  }

  /** Whether a new fact has to be shown provisionally, because the bus wouldn't take it. */
  get showsProvisionally(): boolean {
    return this.#offline && !this.#reachable;
  }

  /** Starts the wait for a new session; a room that is offline already stays so. */
  sessionLost(): void {
    this.#reachable = false;
    if (this.#offline) return this.#goOffline();
    this.#timer ??= setTimeout(() => {
      this.#offline = true;
      this.#goOffline();
      this.started();
    }, this.offlineAfter);
  }

  /** Goes back to the stream's order: facts sent from now on are shown once it has stored them. */
  streamReached(): void {
    this.cancel();
    this.#timer = undefined;
    this.#reachable = true;
    this.endIfConfirmed();
  }

  /** Goes online if the bus is reached and every provisional fact has been confirmed. */
  endIfConfirmed(): void {
    if (!this.#offline || !this.#reachable || this.#unconfirmed().length > 0) return;
    this.#offline = false;
    this.subscriber.online();
  }

  /** Delivers our own facts that the room hasn't seen yet, without waiting for the order. */
  showUnseen(): void {
    for (const entry of this.outbox.undelivered) {
      if (entry.shown) continue;
      entry.shown = true;
      const id = `${this.process}-${entry.number}`;
      this.subscriber.deliver(entry.fact, { mode: "provisional", id, time: new Date() });
    }
  }

  /** Cancels the wait. */
  cancel(): void {
    clearTimeout(this.#timer);
  }

  #goOffline(): void {
    this.subscriber.offline(this.#unconfirmed().map(({ fact }) => fact));
    this.showUnseen();
  }

  /** Facts that were shown provisionally and haven't been confirmed. */
  #unconfirmed() {
    return this.outbox.undelivered.filter(({ shown }) => shown);
  }
}
