/** What a character set can do, whoever knows it. */

/** Bytes to text in pieces; a character that is cut waits for its rest. */
export interface Decoding {
  write(bytes: Uint8Array): string;
  end(): string;
}

/** Text to bytes in pieces. */
export interface Encoding {
  write(text: string): Uint8Array;
  end(): Uint8Array;
}

export interface Charset {
  /** Both byte orders, where the text itself says which one it is in (UTF-16 and UTF-32). */
  readonly orders?: { readonly big: Charset; readonly little: Charset };
  readonly name: string;
  /** What a byte means depends on more than the character that it is part of (a shift state). */
  readonly stateful: boolean;
  /** Bytes that characters are made of: 2 in UTF-16, 4 in UTF-32, else 1. */
  readonly unit: number;
  /** A decoder that puts U+FFFD for what is invalid, or throws if it is `fatal`. */
  decoder(fatal: boolean): Decoding;
  /** An encoder that puts something for what it doesn't have. */
  encoder(): Encoding;
  /** Whether a character that is encoded comes back as itself. */
  has(char: string): boolean;
}
