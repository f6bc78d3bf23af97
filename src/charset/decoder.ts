/** Bytes to text, in pieces that may be cut anywhere: the result is that of one piece. */
import { concat } from "../core/bytes.ts";
import { type Charset, NO_BYTES, type Scanner, type StreamDecoder } from "./charset.ts";

/**
 * The text that stands for bytes that are part of nothing, which begin at `offset` in the stream.
 * Without one, nothing more is decoded.
 */
type OnInvalid = (bytes: Uint8Array, offset: number) => string | undefined;

/** A decoder that puts U+FFFD for each run of bytes that is part of nothing. */
export function replacing(charset: Charset): StreamDecoder {
  return charset.replacing?.() ?? new ScanningDecoder(charset, () => "\ufffd");
}

export class ScanningDecoder implements StreamDecoder {
  readonly #scanner: Scanner;
  /**
   * Bytes whose meaning depends on what comes next: a copy, because callers use their buffer again.
   */
  #held: Uint8Array = NO_BYTES;
  /** Offset in the stream of the first of them. */
  #offset = 0;
  #stopped = false;

  constructor(charset: Charset, private readonly onInvalid: OnInvalid) {
    this.#scanner = charset.scanner();
  }

  write(bytes: Uint8Array): string {
    return this.#scan(this.#held.length > 0 ? concat([this.#held, bytes]) : bytes, false);
  }

  finish(): string {
    return this.#scan(this.#held, true);
  }

  #scan(bytes: Uint8Array, last: boolean): string {
    let text = "";
    let at = 0;
    while (at < bytes.length && !this.#stopped) {
      const found = this.#scanner.next(bytes, at, last);
      if (!found) break;
      const end = at + found.length;
      const shown = found.text ?? this.onInvalid(bytes.subarray(at, end), this.#offset + at);
      this.#stopped = shown === undefined;
      text += shown ?? "";
      at = end;
    }
    this.#held = this.#stopped ? NO_BYTES : bytes.slice(at);
    this.#offset += at;
    return text;
  }
}
