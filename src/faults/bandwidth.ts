/** `bandwidth`: so many bytes a second, each sent when the line would have carried it. */
import { Fault, type Piece } from "./fault.ts";

/** The longest piece, in milliseconds' worth of bytes; also what a late piece may catch up. */
const PIECE = 100;
/** After so many milliseconds without a byte nothing is caught up: an idle line saves nothing. */
const IDLE = 10;

export class Bandwidth extends Fault<{ rate: number }> {
  /** How long the last piece took over its time, milliseconds: the next one waits less. */
  #late = 0;
  /** When it was sent. */
  #last = 0;

  override async put({ data, text }: Piece): Promise<void> {
    const { changes } = this;
    if (performance.now() - this.#last > IDLE) this.#late = 0;
    let at = 0;
    do {
      const size = this.#sizeOf(data.length - at);
      const start = performance.now();
      const { rate } = this.place.attributes;
      // Kilobytes a second are bytes a millisecond. Without a rate nothing passes.
      const ms = rate > 0 ? size / rate - this.#late : Infinity;
      this.#emit(size, ms);
      await this.until(() => this.changes === changes ? start + ms : start);
      if (this.place.isRemoved || this.changes !== changes) {
        this.#late = 0;
        return await this.place.next.put({ data: data.subarray(at), text });
      }
      await this.place.next.put({ data: data.subarray(at, at + size), text });
      this.#last = performance.now();
      this.#late = Math.min(PIECE, this.#last - start - ms);
      at += size;
    } while (at < data.length);
  }

  /** Messages stay whole. */
  #sizeOf(left: number): number {
    if (this.place.connection.framing === "message") return left;
    return Math.min(left, Math.max(1, Math.floor(this.place.attributes.rate * PIECE)));
  }

  #emit(size: number, ms: number): void {
    const time = Number.isFinite(ms) ? `for ${Math.max(0, Math.ceil(ms))} ms` : "until it changes";
    this.place.emit(`held ${size} bytes to ${this.place.connection.peer} back ${time}`);
  }
}
