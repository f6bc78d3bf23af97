/** Which numbered messages have come back, are still awaited, or must be counted as lost. */
import type { Losses } from "./settings.ts";

export class Ledger {
  /** Numbers in the order in which they were sent. */
  readonly #awaited = new Set<number>();
  readonly #lost = new Set<number>();
  #sent = 0;
  #twice = 0;

  /** @param reach A message is lost once one that was sent this much later has come back. */
  constructor(private readonly reach: number) {}

  get sent(): number {
    return this.#sent;
  }

  get awaited(): number {
    return this.#awaited.size;
  }

  get losses(): Losses {
    return { sent: this.#sent, lost: this.#lost.size, twice: this.#twice };
  }

  /** The number of the next message, which is awaited from now on. */
  next(): number {
    const number = this.#sent++;
    this.#awaited.add(number);
    return number;
  }

  /**
   * Message `number` is back. False if an earlier one should have come before it, or it has been.
   */
  returned(number: number): boolean {
    const [oldest] = this.#awaited;
    if (this.#awaited.delete(number)) {
      for (const other of this.#awaited) {
        if (other >= number - this.reach) break;
        this.#giveUp(other);
      }
    } else if (!this.#lost.delete(number)) this.#twice++; // Late is better than lost.
    return number === oldest;
  }

  /** Nothing came for too long: what is still awaited is lost. */
  giveUpAll(): void {
    for (const number of this.#awaited) this.#giveUp(number);
  }

  #giveUp(number: number): void {
    this.#awaited.delete(number);
    this.#lost.add(number);
  }
}
