/** `slow_open` and `slow_close`: a connection whose beginning or end takes its time. */
import { Fault, type Piece } from "./fault.ts";

/** Holds back what is sent in the first `delay` milliseconds of a connection. */
export class SlowOpen extends Fault<{ delay: number }> {
  #told = false;

  override async put(piece: Piece): Promise<void> {
    await this.#opened();
    await this.place.next.put(piece);
  }

  override async end(): Promise<void> {
    await this.#opened();
    await this.place.next.end();
  }

  async #opened(): Promise<void> {
    const due = () => this.place.opened + this.place.attributes.delay;
    const ms = Math.ceil(due() - performance.now());
    if (ms > 0 && !this.#told) {
      this.#told = true;
      this.place.emit(`held the first bytes to ${this.place.connection.peer} back for ${ms} ms`);
    }
    await this.until(due);
  }
}

/** Holds EOF back for `delay` milliseconds, and nothing else. */
export class SlowClose extends Fault<{ delay: number }> {
  override async end(): Promise<void> {
    const start = performance.now();
    const { delay } = this.place.attributes;
    this.place.emit(`held EOF to ${this.place.connection.peer} back for ${delay} ms`);
    await this.until(() => start + this.place.attributes.delay);
    await this.place.next.end();
  }
}
