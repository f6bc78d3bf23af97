/** Bytes to text, in chunks that may be split anywhere. */
import { concat } from "../core/bytes.ts";
import { type Charset, NO_BYTES, type Scanner, type StreamDecoder } from "./charset.ts";

/** The replacement for invalid bytes at `offset` of the stream. Undefined stops the decoder. */
type OnInvalid = (bytes: Uint8Array, offset: number) => string | undefined;

/** A decoder that replaces each invalid sequence with U+FFFD. */
export function replacing(charset: Charset): StreamDecoder {
  return charset.replacing?.() ?? new ScanningDecoder(charset, () => "\ufffd");
}

export class ScanningDecoder implements StreamDecoder {
  readonly #scanner: Scanner;
  /** Bytes of an incomplete sequence: a copy, because callers reuse their buffer. */
  #incomplete: Uint8Array = NO_BYTES;
  /** Their offset in the stream. */
  #offset = 0;
  #stopped = false;

  constructor(charset: Charset, private readonly onInvalid: OnInvalid) {
    this.#scanner = charset.scanner();
  }

  write(bytes: Uint8Array): string {
    return this.#scan(
      this.#incomplete.length > 0 ? concat([this.#incomplete, bytes]) : bytes,
      false,
    );
  }

  finish(): string {
    return this.#scan(this.#incomplete, true);
  }

  #scan(bytes: Uint8Array, last: boolean): string {
    let text = "";
    let at = 0;
    while (at < bytes.length && !this.#stopped) {
      const result = this.#scanner.next(bytes, at, last);
      if (!result) break;
      const end = at + result.length;
      const decoded = result.text ?? this.onInvalid(bytes.subarray(at, end), this.#offset + at);
      this.#stopped = decoded === undefined;
      text += decoded ?? "";
      at = end;
    }
    this.#incomplete = this.#stopped ? NO_BYTES : bytes.slice(at);
    this.#offset += at;
    return text;
  }
}
