/**
 * Lines for stderr that hold up nobody. They are written together, and wait where stderr takes
 * nothing, as a terminal after Ctrl-S or a full FIFO does. Of those that don't fit, the number is
 * told.
 */
import { settledWithin, sleep } from "../core/time.ts";

/** Time within which lines are written together, milliseconds. */
const BATCH_TIME = 20;
/** Characters that are written at once, unless a line is longer, and that may wait. */
const BATCH_SIZE = 32 * 1024;
const MOST_WAITING = 1024 * 1024;
/** Time for a batch to be written when the program ends, milliseconds. */
const PATIENCE = 2000;

/** What lines are written to. */
interface Output {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
}

export class ErrorLines {
  /** Called with the number of lines that were dropped, to tell of them in a line. */
  onDropped: (count: number) => void = () => {};
  /** Lines that wait, and how long they are. */
  #waiting: string[] = [];
  #size = 0;
  #dropped = 0;
  #lastBatch = -Infinity;
  /** The batch that is being written. */
  #writing: Promise<void> | undefined;
  #draining: Promise<void> | undefined;

  constructor(private readonly output: () => Output) {}

  /** Whether lines wait, so that others have to wait behind them. */
  get isBusy(): boolean {
    return this.#draining !== undefined;
  }

  /** Writes a line soon, or drops it where too many wait. */
  add(line: string): void {
    if (this.#size + line.length > MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#tellDropped();
    this.#waiting.push(line);
    this.#size += line.length;
    this.#draining ??= this.#drain();
  }

  /** Resolves once all lines are written, or as soon as stderr has taken nothing for a while. */
  async written(): Promise<void> {
    while (this.#draining) {
      const step = this.#writing ?? this.#draining;
      if (!await settledWithin(step.then(() => true), PATIENCE)) return;
    }
  }

  /** Writes the lines that wait at once, for a program that ends before they are. */
  flush(): void {
    if (this.#writing) return; // Nothing can be written before it.
    try {
      while (this.#waiting.length > 0) {
        let rest = this.#take();
        while (rest.length > 0) rest = rest.subarray(this.output().writeSync(rest));
      }
    } catch {
      // It is closed.
    }
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const wait = this.#lastBatch + BATCH_TIME - performance.now();
      if (wait > 0) await sleep(wait);
      await (this.#writing = this.#write(this.#take()));
      this.#writing = undefined;
      this.#lastBatch = performance.now();
      this.#tellDropped();
    }
    // In the same turn as the last look: a line that comes behind it begins anew.
    this.#draining = undefined;
  }

  /** Adds a line on those that were dropped since the last one that waits. */
  #tellDropped(): void {
    const count = this.#dropped;
    this.#dropped = 0;
    if (count > 0) this.onDropped(count);
  }

  /** The next batch. */
  #take(): Uint8Array {
    let text = "";
    let count = 0;
    for (const line of this.#waiting) {
      if (text.length > 0 && text.length + line.length >= BATCH_SIZE) break;
      text += `${line}\n`;
      this.#size -= line.length;
      count++;
    }
    this.#waiting = this.#waiting.slice(count);
    return new TextEncoder().encode(text);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      let rest = bytes;
      while (rest.length > 0) rest = rest.subarray(await this.output().write(rest));
    } catch {
      // It is closed.
    }
  }
}
