/**
 * A character set. It only tells which character begins at an offset of a stream; chunks, offsets
 * and errors are handled the same for all sets.
 */

/** The sequence of bytes at an offset of a stream. */
export interface ScanResult {
  /** Number of bytes. */
  readonly length: number;
  /**
   * The characters that they encode (none for an escape sequence); undefined if they are invalid.
   */
  readonly text: string | undefined;
}

/** Finds the characters of one stream, from its beginning. */
export interface Scanner {
  /**
   * Scans the sequence at `at` by the Encoding Standard (WHATWG). Undefined if it is incomplete,
   * but never if `last`, when no more bytes come.
   */
  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined;
}

/** Encodes the characters of one stream. */
export interface CharacterEncoder {
  /** The bytes of a character, read-only; undefined if the set lacks it. */
  encode(char: string): Uint8Array | undefined;
  /** The last bytes of the stream. */
  finish(): Uint8Array;
}

/** Bytes to text in chunks; an incomplete character waits for the next one. */
export interface StreamDecoder {
  write(bytes: Uint8Array): string;
  finish(): string;
}

/** Text to bytes in chunks. */
export interface StreamEncoder {
  write(text: string): Uint8Array;
  finish(): Uint8Array;
}

export interface Charset {
  readonly name: string;
  scanner(): Scanner;
  encoder(): CharacterEncoder;
  /** The platform's decoder, if there is one: it replaces errors with U+FFFD, and is faster. */
  replacing?(): StreamDecoder;
}

/** Empty, for encoders without last bytes. */
export const NO_BYTES: Uint8Array = new Uint8Array();

/** An encoder without state between characters. */
export function stateless(encode: (char: string) => Uint8Array | undefined): CharacterEncoder {
  return { encode, finish: () => NO_BYTES };
}
