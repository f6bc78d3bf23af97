/** `corrupt`: wrong bits, as a bad line has them. */
import { Fault, type Piece } from "./fault.ts";

/**
 * Flips one bit of each byte with a probability. How the bytes come in pieces makes no difference:
 * the same seed changes the same ones.
 */
export class Corrupt extends Fault<{ probability: number }> {
  /** How many bytes stay right before the next one. */
  #right = this.#draw();

  override put(piece: Piece): Promise<void> {
    if (this.#right >= piece.data.length) {
      this.#right -= piece.data.length;
      return this.place.next.put(piece);
    }
    const data = piece.data.slice(); // The bytes are the caller's.
    let count = 0;
    let at = this.#right;
    for (; at < data.length; at += 1 + this.#draw(), count++) {
      data[at] = data[at]! ^ (1 << Math.floor(8 * this.place.random()));
    }
    this.#right = at - data.length;
    this.place.emit(`changed ${count} of ${data.length} bytes to ${this.place.connection.peer}`);
    return this.place.next.put({ ...piece, data });
  }

  override changed(): void {
    super.changed();
    this.#right = this.#draw();
  }

  /** Draws how many are right in a row: the geometric distribution. */
  #draw(): number {
    const { random, attributes: { probability } } = this.place;
    if (probability === 0) return Infinity;
    return Math.floor(Math.log(1 - random()) / Math.log(1 - probability));
  }
}
