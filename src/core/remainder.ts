/** The rest of a chunk that didn't fit a reader's buffer. */
export class Remainder {
  constructor(private bytes: Uint8Array = new Uint8Array()) {}

  get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  /** Replaces the rest by `bytes`, which must not change until all are moved. */
  set(bytes: Uint8Array): void {
    this.bytes = bytes;
  }

  /** Copies the rest, so that its chunk may be reused. */
  detach(): void {
    this.bytes = this.bytes.slice();
  }

  /** Moves as many bytes as fit to the start of `buffer`. Returns their number. */
  moveTo(buffer: Uint8Array): number {
    const count = Math.min(buffer.length, this.bytes.length);
    buffer.set(this.bytes.subarray(0, count));
    this.bytes = this.bytes.subarray(count);
    return count;
  }
}
