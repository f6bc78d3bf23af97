/** `stall`: a pulled cable. The connection stays, and nothing passes. */
import { Quota } from "./quota.ts";

interface StallAttributes extends Readonly<Record<string, number>> {
  /** How much of one direction passes before. */
  readonly bytes: number;
  /** Milliseconds for which all passes; then `bytes` counts only if it isn't 0. */
  readonly time: number;
}

export class Stall extends Quota<StallAttributes> {
  readonly #start = performance.now();
  #told = false;

  protected override get left(): number {
    const { bytes, time = 0 } = this.place.attributes;
    if (time === 0) return bytes - this.passed;
    if (performance.now() >= this.#start + time) return 0;
    return bytes > 0 ? bytes - this.passed : Infinity;
  }

  protected override async exhausted(): Promise<void> {
    if (!this.#told) {
      this.place.emit(`stalled after ${this.passed} bytes to ${this.place.connection.peer}`);
    }
    this.#told = true;
    const { changes } = this;
    await this.until(() => this.changes === changes ? Infinity : 0);
  }

  override async end(): Promise<void> {
    while (this.isExhausted) await this.exhausted();
    await this.place.next.end();
  }
}
