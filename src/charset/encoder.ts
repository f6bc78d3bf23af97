/** Text to bytes, a character at a time: nothing waits for what comes next. */
import { concat } from "../core/bytes.ts";
import type { CharacterEncoder, Charset, StreamEncoder } from "./charset.ts";

/** What stands for a stand-in that the set lacks itself. */
const QUESTION_MARK = Uint8Array.of(0x3f);

/**
 * Asks `onMissing` for the text that stands for a character that the set lacks. Without one,
 * nothing more is encoded.
 */
export class CharsetEncoder implements StreamEncoder {
  readonly #encoder: CharacterEncoder;
  /** Bytes of UTF-8 so far. */
  #offset = 0;
  #stopped = false;

  /** @param onMissing Gets the character and the offset in UTF-8 of what is sent. */
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
        const stand = this.onMissing(char, this.#offset);
        if ((this.#stopped ||= stand === undefined)) break;
        for (const one of stand!) parts.push(this.#encoder.encode(one) ?? QUESTION_MARK);
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
