/** `slicer` and `chop`: small pieces, to test receivers that take one read for one message. */
import { Fault, type Piece } from "./fault.ts";

/** Cuts what is sent to a stream into pieces, each sent on its own. Messages stay whole. */
abstract class Slicing<A extends Readonly<Record<string, number>>> extends Fault<A> {
  /** Sizes of pieces that together are `length` bytes. */
  protected abstract sizes(length: number): Iterable<number>;

  /** Runs after each piece. */
  protected pause(): Promise<void> | void {}

  override async put(piece: Piece): Promise<void> {
    const { place } = this;
    const { framing, peer } = place.connection;
    if (framing === "message") return await place.next.put(piece);
    let rest = piece.data;
    for (const size of this.sizes(rest.length)) {
      if (place.isRemoved) break;
      await place.next.put({ data: rest.subarray(0, size) });
      rest = rest.subarray(size);
      place.emit(`sent a piece of ${size} bytes to ${peer}`);
      await this.pause();
    }
    if (rest.length > 0) await place.next.put({ data: rest });
  }
}

/** Pieces of exactly one size, and the rest. */
export class Chop extends Slicing<{ size: number }> {
  protected override *sizes(length: number): Generator<number> {
    for (let left = length; left > 0;) {
      const size = Math.min(left, this.place.attributes.size || left);
      yield size;
      left -= size;
    }
  }
}

interface SlicerAttributes extends Readonly<Record<string, number>> {
  /** Bytes; 0 slices nothing. */
  readonly average_size: number;
  readonly size_variation: number;
  /** Microseconds after each piece. */
  readonly delay: number;
}

/** Pieces of about one size: what is longer is halved, with a middle that varies. */
export class Slicer extends Slicing<SlicerAttributes> {
  protected override *sizes(length: number): Generator<number> {
    const parts = length > 0 ? [length] : [];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { average_size, size_variation } = this.place.attributes;
      if (average_size === 0 || part <= average_size + size_variation || part === 1) {
        yield part;
        continue;
      }
      const deviation = Math.floor(size_variation * (2 * this.place.random() - 1));
      const middle = Math.min(part - 1, Math.max(1, Math.floor(part / 2) + deviation));
      parts.push(part - middle, middle);
    }
  }

  protected override async pause(): Promise<void> {
    const start = performance.now();
    await this.until(() => start + this.place.attributes.delay / 1000);
  }
}
