/** What was typed and isn't read yet. Each read gets one line at most, as a terminal's do. */
import { Notifier } from "../../core/notifier.ts";
import { Remainder } from "../../core/remainder.ts";

/** Bytes that wait before nothing more is taken from the keyboard. */
const CAPACITY = 256 * 1024;

export class TypedQueue {
  readonly #pieces: Uint8Array[] = [];
  readonly #first = new Remainder();
  readonly #changed = new Notifier();
  #size = 0;
  #ended = false;
  #failure: Error | undefined;

  /** How many pieces nobody has read to their end. */
  get unread(): number {
    return this.#pieces.length + (this.#first.isEmpty ? 0 : 1);
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    this.#changed.notify();
  }

  /** Ends it: a read gets EOF, or rejects with `failure`, after all that was pushed. */
  end(failure?: Error): void {
    this.#ended = true;
    this.#failure ??= failure;
    this.#changed.notify();
  }

  /** Resolves with the number of bytes of one piece that were moved to `buffer`, or null at EOF. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#first.isEmpty) {
      const next = this.#pieces.shift();
      if (next) this.#first.set(next);
      else if (this.#failure) throw this.#failure;
      else if (this.#ended) return null;
      else await this.#changed.wait();
    }
    const count = this.#first.moveTo(buffer);
    this.#size -= count;
    this.#changed.notify();
    return count;
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#size > CAPACITY && !this.#ended) await this.#changed.wait();
  }
}
