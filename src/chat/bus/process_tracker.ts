/**
 * Tracks each process on a bus: puts its facts in the order of their numbers, drops duplicates, and
 * knows when it was last alive. Facts can arrive out of order: when somebody replaces the stream,
 * the latest ones are sent again, after newer ones. So facts after a gap wait for a while for the
 * missing ones.
 */

/** How many facts of a process may wait after a gap. */
const MOST_PENDING = 1000;

interface ProcessState {
  /** The number of its last delivered fact; 0 if there has been none. */
  last: number;
  /** When it was last known to be alive, in milliseconds of `performance.now()`. */
  aliveAt: number;
  /** Deliveries of the facts after a gap, by number. */
  readonly pending: Map<number, () => void>;
  /** When the gap was first seen, in milliseconds of `performance.now()`. */
  gapSince: number;
}

export class ProcessTracker {
  readonly #processes = new Map<string, ProcessState>();

  /** @param missed Called with the size of each gap that is given up. */
  constructor(private readonly missed: (count: number) => void) {}

  /** Notes that a process is alive now. */
  markAlive(process: string): void {
    this.#stateOf(process).aliveAt = performance.now();
  }

  /** Notes all as alive: while we were disconnected, nothing could arrive. */
  markAllAlive(): void {
    const now = performance.now();
    for (const state of this.#processes.values()) state.aliveAt = now;
  }

  /** The number of a process's last delivered fact; 0 if there has been none. */
  lastNumber(process: string): number {
    return this.#processes.get(process)?.last ?? 0;
  }

  /** Processes that have been silent for longer than `ms`. */
  silent(ms: number): string[] {
    const since = performance.now() - ms;
    return [...this.#processes].filter(([, { aliveAt }]) => aliveAt <= since).map(([process]) =>
      process
    );
  }

  /**
   * Calls `deliver` for a process's fact once all before it have been delivered or given up; never
   * for a duplicate. A process's first fact begins its numbering, whatever its number.
   */
  receive(process: string, number: number, deliver: () => void): void {
    const state = this.#stateOf(process);
    if (number <= state.last || state.pending.has(number)) return;
    if (state.pending.size === 0) state.gapSince = performance.now();
    state.pending.set(number, deliver);
    if (state.last === 0) state.last = number - 1;
    this.#deliverPending(state);
    if (state.pending.size > MOST_PENDING) this.#closeGap(state);
  }

  /** Expects `number` next: earlier facts of the process aren't missed. */
  skipTo(process: string, number: number): void {
    const state = this.#stateOf(process);
    state.last = Math.max(state.last, number - 1);
  }

  /** Gives up gaps that have been open for longer than `ms` milliseconds. */
  closeGaps(ms: number): void {
    for (const state of this.#processes.values()) {
      while (state.pending.size > 0 && state.gapSince <= performance.now() - ms) {
        this.#closeGap(state);
      }
    }
  }

  #closeGap(state: ProcessState): void {
    const next = Math.min(...state.pending.keys());
    this.missed(next - state.last - 1);
    state.last = next - 1;
    this.#deliverPending(state);
  }

  #deliverPending(state: ProcessState): void {
    for (let deliver; (deliver = state.pending.get(state.last + 1));) {
      state.pending.delete(++state.last);
      state.gapSince = performance.now();
      deliver();
    }
  }

  #stateOf(process: string): ProcessState {
    const state = this.#processes.get(process) ??
      { last: 0, aliveAt: 0, pending: new Map(), gapSince: 0 };
    this.#processes.set(process, state);
    return state;
  }
}
