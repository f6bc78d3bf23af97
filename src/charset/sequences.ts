/**
 * Character sets without state: a sequence of bytes always encodes the same character. Each
 * sequence is looked up once, and cached.
 */
import type { Scanner, ScanResult } from "./charset.ts";

/** The characters of a sequence; undefined if it is invalid. */
export type SequenceLookup = (sequence: Uint8Array) => string | typeof INCOMPLETE | undefined;
export const INCOMPLETE = Symbol("more bytes are needed");

/** How many bytes of an invalid sequence are one error; the rest is scanned again. */
type ErrorLength = (sequence: Uint8Array) => number;

/** The Standard's rule for multi-byte sets: an ASCII byte is never part of the error before it. */
export function multiByteErrorLength(sequence: Uint8Array): number {
  const { length } = sequence;
  return length > 1 && sequence[length - 1]! < 0x80 ? length - 1 : length;
}

/** The rule for GB 18030: of an incomplete sequence of four bytes, the first one is the error. */
export function gb18030ErrorLength(sequence: Uint8Array): number {
  if (sequence.length < 3) return multiByteErrorLength(sequence);
  return sequence.length === 4 && isDigit(sequence[3]!) ? 4 : 1;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Longest sequence to cache, bytes: there are too many longer ones. */
const MAX_CACHED = 3;

export class SequenceScanner implements Scanner {
  /** The key is a 1, followed by the sequence's bytes, as a number. */
  readonly #cache = new Map<number, ScanResult | typeof INCOMPLETE>();

  constructor(
    private readonly lookup: SequenceLookup,
    private readonly errorLength: ErrorLength = multiByteErrorLength,
  ) {}

  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined {
    let key = 1;
    for (let end = at + 1; end <= bytes.length; end++) {
      key = key * 256 + bytes[end - 1]!;
      const result = this.#cache.get(key) ?? this.#lookUp(key, bytes.subarray(at, end));
      if (result !== INCOMPLETE) return result;
    }
    return last ? { length: bytes.length - at, text: undefined } : undefined;
  }

  #lookUp(key: number, sequence: Uint8Array): ScanResult | typeof INCOMPLETE {
    const text = this.lookup(sequence);
    const result = text === INCOMPLETE
      ? INCOMPLETE
      : { length: text === undefined ? this.errorLength(sequence) : sequence.length, text };
    if (sequence.length <= MAX_CACHED) this.#cache.set(key, result);
    return result;
  }
}
