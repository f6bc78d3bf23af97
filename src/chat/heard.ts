/** What has been heard of each process on a bus: the number of its last fact, and when it lived. */

interface Known {
  number: number;
  /** In milliseconds of `performance.now()`. */
  at: number;
}

export class Heard {
  readonly #processes = new Map<string, Known>();

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
   * A process's next fact. Undefined if it has come before; else how many between it and the last
   * one have not, which isn't known for its first.
   */
  take(process: string, number: number): number | undefined {
    const known = this.#of(process);
    if (number <= known.number) return undefined;
    const missing = known.number === 0 ? 0 : number - known.number - 1;
    known.number = number;
    return missing;
  }

  #of(process: string): Known {
    const known = this.#processes.get(process) ?? { number: 0, at: 0 };
    this.#processes.set(process, known);
    return known;
  }
}
