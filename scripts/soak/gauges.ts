/** Measures memory and descriptors of processes, and judges whether they stayed flat. */
import type { Coax } from "../../tests/e2e/coax.ts";
import { descriptors, descriptorsBackTo, rss } from "../../tests/support/process.ts";

const MiB = 1024 * 1024;
/**
 * The most by which the peak of the last quarter may exceed that of the second, bytes: the size of
 * a heap varies. In a short run it is still growing to its usual size, so only a large leak shows.
 */
const MAX_GROWTH = 24 * MiB;
const MAX_GROWTH_SHORT = 96 * MiB;
/** Seconds below which a run is short. */
const SHORT = 120;

export class Gauge {
  readonly #memory: number[] = [];
  readonly #descriptors: number;

  constructor(readonly name: string, private readonly coax: Coax) {
    this.#descriptors = descriptors(coax.pid);
  }

  sample(): void {
    this.#memory.push(rss(this.coax.pid));
  }

  /**
   * The faults of the process after a run of `seconds`, and a line of figures. Call it when all
   * visitors are done.
   */
  async verdict(seconds: number): Promise<{ line: string; faults: string[] }> {
    const faults: string[] = [];
    if (!this.coax.running) return { line: `${this.name}: ended`, faults: [`${this.name} ended`] };
    const { pid, stderr } = this.coax;
    await descriptorsBackTo(this.#descriptors, pid, 3_000).catch((error) => {
      faults.push(`${this.name}: ${error.message}, ${this.#descriptors} at first`);
    });
    const [early, late] = [this.#peak(0.25, 0.5), this.#peak(0.75, 1)];
    const maxGrowth = seconds < SHORT ? MAX_GROWTH_SHORT : MAX_GROWTH;
    if (late > early + maxGrowth) faults.push(`${this.name}: memory grew`);
    const strays = stderr.split("\n").filter((line) => /Uncaught|^\s+at |^error:/.test(line));
    if (strays.length > 0) faults.push(`${this.name}: ${strays[0]}`);
    const memory = `RSS ${mebibytes(early)} → ${mebibytes(late)} MiB`;
    const held = `descriptors ${this.#descriptors} → ${descriptors(pid)}`;
    return { line: `${this.name.padEnd(10)} ${held}, ${memory}`, faults };
  }

  /** The peak of memory in a part of the run, both as fractions of it. */
  #peak(from: number, to: number): number {
    const { length } = this.#memory;
    return Math.max(...this.#memory.slice(Math.floor(from * length), Math.ceil(to * length)));
  }
}

function mebibytes(bytes: number): string {
  return (bytes / MiB).toFixed(1);
}
