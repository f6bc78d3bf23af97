/**
 * The bytes that are sent to an echo. Each depends on its position, so that lost, repeated and
 * exchanged pieces show; making them costs nothing and checking them one comparison of memory, so
 * that neither is what gets measured.
 */
import { Buffer } from "node:buffer";

/**
 * A prime: pieces of any usual size never begin at the same place of the pattern twice in a row.
 */
const PERIOD = 65_521;

export class Pattern {
  readonly #table: Uint8Array;

  /** @param longest Bytes that are asked for or checked at once. */
  constructor(longest: number) {
    this.#table = new Uint8Array(PERIOD + longest);
    fillRandomly(this.#table.subarray(0, PERIOD));
    for (let filled = PERIOD; filled < this.#table.length; filled *= 2) {
      this.#table.copyWithin(filled, 0, filled);
    }
  }

  /** The bytes from `position` on. Not to be changed. */
  at(position: number, length: number): Uint8Array {
    const start = position % PERIOD;
    return this.#table.subarray(start, start + length);
  }

  /** What is wrong with `bytes` as those from `position` on, in words; undefined if nothing is. */
  mistake(bytes: Uint8Array, position: number): string | undefined {
    const expected = this.at(position, bytes.length);
    if (Buffer.compare(bytes, expected) === 0) return undefined;
    const wrong = bytes.findIndex((byte, i) => byte !== expected[i]);
    return `${hex(bytes[wrong]!)} instead of ${hex(expected[wrong]!)} at byte ${position + wrong}`;
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** The same bytes in every run (xorshift32, Marsaglia 2003). */
function fillRandomly(bytes: Uint8Array): void {
  let state = 2463534242;
  for (let i = 0; i < bytes.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 8;
  }
}
