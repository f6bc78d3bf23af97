/**
 * What a character set is. Each says of the bytes at one place of a stream which character begins
 * there, and that alone; cutting, counting and what is done with errors is the same for all.
 */

/** What begins at a place of a stream. */
export interface ScanResult {
  /** Bytes. */
  readonly length: number;
  /**
   * The characters that they stand for (none for a shift), or undefined: they are part of nothing.
   */
  readonly text: string | undefined;
}

/** Finds the characters of one stream, from its beginning. */
export interface Scanner {
  /**
   * What begins at `at`, as the Encoding Standard (WHATWG) has it; undefined if that depends on
   * bytes that haven't come. Never undefined if `last`: nothing more will come.
   */
  next(bytes: Uint8Array, at: number, last: boolean): ScanResult | undefined;
}

/** Makes the bytes of one stream. */
export interface CharacterEncoder {
  /** The bytes of a character; undefined if the set lacks it. Not to be changed. */
  encode(char: string): Uint8Array | undefined;
  /** What the stream ends with. */
  finish(): Uint8Array;
}

/** Bytes to text in pieces; a character that is cut waits for its rest. */
export interface StreamDecoder {
  write(bytes: Uint8Array): string;
  finish(): string;
}

/** Text to bytes in pieces. */
export interface StreamEncoder {
  write(text: string): Uint8Array;
  finish(): Uint8Array;
}

export interface Charset {
  readonly name: string;
  scanner(): Scanner;
  encoder(): CharacterEncoder;
  /**
   * The platform's decoder, where there is one: it puts U+FFFD for what is invalid, and is faster.
   */
  replacing?(): StreamDecoder;
}

/** Nothing, for encodings that have nothing to end with. */
export const NO_BYTES: Uint8Array = new Uint8Array();

/** An encoder that keeps nothing from one character to the next. */
export function stateless(encode: (char: string) => Uint8Array | undefined): CharacterEncoder {
  return { encode, finish: () => NO_BYTES };
}
