/**
 * The bytes that are sent to an echo. Each depends on its position, so that lost, repeated and
 * swapped pieces show. Making them is free and checking them is one memory comparison, so that
 * neither distorts the measurement.
 */
import { Buffer } from "node:buffer";

/** A prime: pieces of any usual size never begin at the same offset twice in a row. */
const PERIOD = 65_521;

export class Pattern {
  readonly #table: Uint8Array;

  /** @param longest The most bytes of one call of `at` or `mistake`. */
  constructor(longest: number) {
    this.#table = new Uint8Array(PERIOD + longest);
    fillRandomly(this.#table.subarray(0, PERIOD));
    for (let filled = PERIOD; filled < this.#table.length; filled *= 2) {
      this.#table.copyWithin(filled, 0, filled);
    }
  }

  /** The bytes from `position` on. Read-only: they are shared. */
  at(position: number, length: number): Uint8Array {
    const start = position % PERIOD;
    return this.#table.subarray(start, start + length);
  }

  /** Describes the first wrong byte of `bytes`, which begin at `position`; undefined if none is. */
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
