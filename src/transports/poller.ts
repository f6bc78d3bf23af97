/**
 * Waits for descriptors that the runtime doesn't know, all of them in one thread (poll(2)): a call
 * of its own for each would take all threads that the runtime has.
 */
import { errnoOf } from "./descriptor.ts";
import { systemError } from "./failure.ts";
import { type Libc, POLLIN } from "./libc.ts";

/** Flags of eventfd(2). */
const EFD_NONBLOCK = 0x800;
const EFD_CLOEXEC = 0x80000;
const ONE = new BigUint64Array([1n]);

interface Wait {
  readonly number: number;
  readonly events: number;
  readonly resolve: () => void;
}

export class Poller {
  readonly #waits = new Set<Wait>();
  /** A descriptor that is written to when there is something else to wait for. */
  readonly #wake: number;
  readonly #count = new BigUint64Array(1);
  #polling = false;

  /** Throws the system's error where no descriptor is left: waits could last for ever. */
  constructor(private readonly calls: Libc) {
    this.#wake = calls.eventfd!(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (this.#wake < 0) throw systemError(errnoOf(calls));
  }

  /** Resolves once a descriptor is ready for `events` or has failed, or is forgotten. */
  wait(number: number, events: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waits.add({ number, events, resolve });
      this.#onChange();
    });
  }

  /** Ends all waiting for a descriptor, which is about to be closed. */
  forget(number: number): void {
    for (const wait of this.#waits) {
      if (wait.number !== number) continue;
      this.#waits.delete(wait);
      wait.resolve();
      this.#onChange();
    }
  }

  #onChange(): void {
    if (this.#polling) this.calls.write(this.#wake, ONE, 8n);
    else this.#poll();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#waits.size > 0) {
      const polled = [...this.#waits];
      const table = new Int32Array(2 * polled.length + 2);
      table.set([this.#wake, POLLIN]);
      polled.forEach(({ number, events }, i) => table.set([number, events], 2 * i + 2));
      await this.calls.poll(table, BigInt(polled.length + 1), -1);
      if (returned(table, 0) !== 0) this.calls.read(this.#wake, this.#count, 8n);
      polled.forEach((wait, i) => {
        if (returned(table, i + 1) !== 0 && this.#waits.delete(wait)) wait.resolve();
      });
    }
    this.#polling = false;
  }
}

/** `revents` of an entry, the upper half of its second word. */
function returned(table: Int32Array, entry: number): number {
  return table[2 * entry + 1]! >>> 16;
}
