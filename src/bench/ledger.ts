/** Counts which numbered messages came back, are still awaited, or are lost. */
import type { Losses } from "./settings.ts";

export class Ledger {
  /** Numbers in the order in which they were sent. */
  readonly #awaited = new Set<number>();
  readonly #lost = new Set<number>();
  #sent = 0;
  #duplicates = 0;

  /** @param reach A message is lost once one that was sent `reach` messages later comes back. */
  constructor(private readonly reach: number) {}

  get sent(): number {
    return this.#sent;
  }

  get awaited(): number {
    return this.#awaited.size;
  }

  get losses(): Losses {
    return { sent: this.#sent, lost: this.#lost.size, duplicates: this.#duplicates };
  }

  /** The number of the next message, which is awaited from now on. */
  next(): number {
    const number = this.#sent++;
    this.#awaited.add(number);
    return number;
  }

  /** Counts message `number` as returned. False if it is out of order, or a duplicate. */
  returned(number: number): boolean {
    const [oldest] = this.#awaited;
    if (this.#awaited.delete(number)) {
      for (const other of this.#awaited) {
        if (other >= number - this.reach) break;
        this.#giveUp(other);
      }
    } else if (!this.#lost.delete(number)) this.#duplicates++; // Late is better than lost.
    return number === oldest;
  }

  /** Counts all that is still awaited as lost, after too long a silence. */
  giveUpAll(): void {
    for (const number of this.#awaited) this.#giveUp(number);
  }

  #giveUp(number: number): void {
    this.#awaited.delete(number);
    this.#lost.add(number);
  }
}
