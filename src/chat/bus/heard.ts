/**
 * What has been heard of each process on a bus: its facts in their order, and when it lived. A fact
 * can come before the one in front of it: when somebody replaces the stream, what was said last may
 * be said again behind what was said next. So a gap is held open for a while, and what came behind
 * it waits there.
 */

/** How many facts of a process may wait behind a gap. */
const WAITING = 1000;

interface Known {
  /** The number of its last fact that was heard; 0 if there has been none. */
  number: number;
  /** In milliseconds of `performance.now()`. */
  at: number;
  /** Facts behind a gap, by their numbers. */
  readonly waiting: Map<number, () => void>;
  /** Since when the gap has been open, in milliseconds of `performance.now()`. */
  since: number;
}

export class Heard {
  readonly #processes = new Map<string, Known>();

  /** @param missed Called with how many facts of a process have never come. */
  constructor(private readonly missed: (count: number) => void) {}

  /** A process has just shown that it is there. */
  alive(process: string): void {
    this.#of(process).at = performance.now();
  }

  /** As far as we could hear, all of them were there until now. */
  allAlive(): void {
    const now = performance.now();
    for (const known of this.#processes.values()) known.at = now;
  }

  /** The number of a process's last fact; 0 if there has been none. */
  last(process: string): number {
    return this.#processes.get(process)?.number ?? 0;
  }

  /** Processes that have been silent for longer than `ms`. */
  silent(ms: number): string[] {
    const since = performance.now() - ms;
    return [...this.#processes].filter(([, { at }]) => at <= since).map(([process]) => process);
  }

  /**
   * Calls `hear` for a process's fact when all before it have been heard, or given up; never if it
   * has come before. What was missed before its first one isn't known.
   */
  take(process: string, number: number, hear: () => void): void {
    const known = this.#of(process);
    if (number <= known.number || known.waiting.has(number)) return;
    if (known.waiting.size === 0) known.since = performance.now();
    known.waiting.set(number, hear);
    if (known.number === 0) known.number = number - 1;
    this.#hearWaiting(known);
    if (known.waiting.size > WAITING) this.#giveUp(known);
  }

  /** Facts of a process before this number won't come, and aren't missed. */
  passOver(process: string, number: number): void {
    const known = this.#of(process);
    known.number = Math.max(known.number, number - 1);
  }

  /** Goes on behind gaps that have been open for longer than `ms`, and says what was missed. */
  giveUp(ms: number): void {
    for (const known of this.#processes.values()) {
      while (known.waiting.size > 0 && known.since <= performance.now() - ms) this.#giveUp(known);
    }
  }

  #giveUp(known: Known): void {
    const next = Math.min(...known.waiting.keys());
    this.missed(next - known.number - 1);
    known.number = next - 1;
    this.#hearWaiting(known);
  }

  #hearWaiting(known: Known): void {
    for (let hear; (hear = known.waiting.get(known.number + 1));) {
      known.waiting.delete(++known.number);
      known.since = performance.now();
      hear();
    }
  }

  #of(process: string): Known {
    const known = this.#processes.get(process) ??
      { number: 0, at: 0, waiting: new Map(), since: 0 };
    this.#processes.set(process, known);
    return known;
  }
}
