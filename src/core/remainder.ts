/**
 * The rest of a chunk: bytes on their way to readers whose buffers don't hold all of it at once.
 */
export class Remainder {
  constructor(private bytes: Uint8Array = new Uint8Array()) {}

  get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  /** Holds `bytes`, and no longer what was left. Until all are taken they must stay as they are. */
  set(bytes: Uint8Array): void {
    this.bytes = bytes;
  }

  /** Copies what is left, so that the chunk it stands in may be used again. */
  detach(): void {
    this.bytes = this.bytes.slice();
  }

  /** Moves as many bytes as fit to the beginning of `buffer`, and yields how many these are. */
  moveTo(buffer: Uint8Array): number {
    const count = Math.min(buffer.length, this.bytes.length);
    buffer.set(this.bytes.subarray(0, count));
    this.bytes = this.bytes.subarray(count);
    return count;
  }
}
