/** Text to bytes, one character at a time. */
import { concat } from "../core/bytes.ts";
import type { CharacterEncoder, Charset, StreamEncoder } from "./charset.ts";

/** Used where the set lacks the replacement, too. */
const QUESTION_MARK = Uint8Array.of(0x3f);

/** Asks `onMissing` to replace each character that the set lacks. Undefined stops the encoder. */
export class CharsetEncoder implements StreamEncoder {
  readonly #encoder: CharacterEncoder;
  /** UTF-8 bytes encoded so far. */
  #offset = 0;
  #stopped = false;

  /** @param onMissing Gets the character and its offset in UTF-8 bytes. */
  constructor(
    charset: Charset,
    private readonly onMissing: (char: string, offset: number) => string | undefined,
  ) {
    this.#encoder = charset.encoder();
  }

  write(text: string): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const char of text) {
      const bytes = this.#encoder.encode(char);
      if (bytes) parts.push(bytes);
      else {
        const replacement = this.onMissing(char, this.#offset);
        if ((this.#stopped ||= replacement === undefined)) break;
        for (const other of replacement!) parts.push(this.#encoder.encode(other) ?? QUESTION_MARK);
      }
      this.#offset += utf8Length(char);
    }
    return concat(parts);
  }

  finish(): Uint8Array {
    return this.#encoder.finish();
  }
}

function utf8Length(char: string): number {
  const code = char.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
