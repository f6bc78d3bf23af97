/**
 * Character sets in which each character is a sequence of bytes that means the same everywhere.
 * What a sequence means is asked of whoever has the tables, once.
 */
import type { Scanner, ScanResult } from "./charset.ts";

/**
 * The characters of a sequence, `more` if it is the beginning of one, undefined if it is neither.
 */
export type Meaning = (sequence: Uint8Array) => string | typeof MORE | undefined;
export const MORE = Symbol("more bytes are needed");

/**
 * How many bytes of a sequence that means nothing are given up, before the rest is looked at again.
 */
type GivenUp = (sequence: Uint8Array) => number;

/** The Standard's rule for sets of two bytes: ASCII is never part of what is wrong before it. */
export function allButAscii(sequence: Uint8Array): number {
  const { length } = sequence;
  return length > 1 && sequence[length - 1]! < 0x80 ? length - 1 : length;
}

/** GB 18030 has sequences of four; one that is broken off gives up its first byte. */
export function gb18030(sequence: Uint8Array): number {
  if (sequence.length < 3) return allButAscii(sequence);
  return sequence.length === 4 && isDigit(sequence[3]!) ? 4 : 1;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Sequences that are remembered are at most this long: there are too many longer ones. */
const REMEMBERED = 3;

export class SequenceScanner implements Scanner {
  /** By the bytes as a number, behind a 1. */
  readonly #known = new Map<number, ScanResult | typeof MORE>();

  constructor(
    private readonly meaning: Meaning,
    private readonly givenUp: GivenUp = allButAscii,
  ) {}

  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    let key = 1;
    for (let end = at + 1; end <= bytes.length; end++) {
      key = key * 256 + bytes[end - 1]!;
      const found = this.#known.get(key) ?? this.#learn(key, bytes.subarray(at, end));
      if (found !== MORE) return found;
    }
    return last ? { length: bytes.length - at, text: undefined } : undefined;
  }

  #learn(key: number, sequence: Uint8Array): ScanResult | typeof MORE {
    const text = this.meaning(sequence);
    const found = text === MORE
      ? MORE
      : { length: text === undefined ? this.givenUp(sequence) : sequence.length, text };
    if (sequence.length <= REMEMBERED) this.#known.set(key, found);
    return found;
  }
}
