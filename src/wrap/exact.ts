/**
 * Text coding that knows where it fails: which byte of what is received, which character of what is
 * sent. `TextDecoder` and iconv-lite say that something is wrong, but not what.
 */
import { concat } from "../core/bytes.ts";
import type { Charset, Decoding, Encoding } from "./coding.ts";

/** A character takes at most four bytes (UTF-8, GB 18030): three may be waiting for the last. */
const LONGEST_TAIL = 3;

/**
 * Decodes, and asks `onInvalid` for the text that stands for a byte that is part of nothing. Without
 * one, what comes after that byte is lost.
 */
export class ExactDecoder implements Decoding {
  #decoding: Decoding;
  /** Bytes in the decoder that have given no character yet. */
  #held: number[] = [];
  /** Offset in the stream of the first of them. */
  #offset = 0;
  #stopped = false;

  /** @param onInvalid Gets the byte and its offset in the stream. */
  constructor(
    private readonly charset: Charset,
    private readonly onInvalid: (byte: number, offset: number) => string | undefined,
  ) {
    this.#decoding = charset.decoder(true);
  }

  write(bytes: Uint8Array): string {
    if (this.#stopped) return "";
    const text = this.charset.stateful ? undefined : this.#atOnce(bytes);
    if (text !== undefined) return text;
    return Array.from(bytes, (byte) => this.#step(byte)).join("");
  }

  end(): string {
    if (this.#stopped) return "";
    const whole = this.#held.length % this.charset.unit === 0;
    const last = whole ? attempt(() => this.#decoding.end()) : undefined;
    if (last !== undefined) return last;
    const text = this.#invalid();
    return this.#held.length > 0 ? text + this.end() : text;
  }

  /** The fast way for what is valid: all characters that are whole; nothing if a byte is wrong. */
  #atOnce(bytes: Uint8Array): string | undefined {
    const all = this.#held.length > 0 ? concat([Uint8Array.from(this.#held), bytes]) : bytes;
    for (let tail = 0; tail <= Math.min(LONGEST_TAIL, all.length); tail++) {
      const split = all.length - tail;
      if (split % this.charset.unit !== 0) continue;
      const decoding = this.charset.decoder(true);
      const text = attempt(() => decoding.write(all.subarray(0, split)) + decoding.end());
      if (text === undefined) continue;
      const next = this.charset.decoder(true);
      if (attempt(() => next.write(all.subarray(split))) !== "") return undefined;
      this.#decoding = next;
      this.#held = [...all.subarray(split)];
      this.#offset += split;
      return text;
    }
    return undefined;
  }

  #step(byte: number): string {
    if (this.#stopped) return "";
    this.#held.push(byte);
    const text = attempt(() => this.#decoding.write(Uint8Array.of(byte)));
    if (text === undefined) return this.#invalid();
    if (text !== "") {
      this.#offset += this.#held.length;
      this.#held = [];
    }
    return text;
  }

  /** The first unit that is held begins no character; the others are looked at again. */
  #invalid(): string {
    const { unit } = this.charset;
    const rest = this.#held.slice(unit);
    let text = "";
    for (const byte of this.#held.slice(0, unit)) {
      const shown = this.onInvalid(byte, this.#offset++);
      this.#stopped = shown === undefined;
      if (this.#stopped) return "";
      text += shown;
    }
    this.#held = [];
    this.#decoding = this.charset.decoder(true);
    return text + rest.map((byte) => this.#step(byte)).join("");
  }
}

/**
 * Encodes, and asks `onMissing` for the text that stands for a character that the set lacks. Without
 * one, what comes after that character is lost.
 */
export class ExactEncoder implements Encoding {
  readonly #encoding: Encoding;
  /** Bytes of UTF-8 so far. */
  #offset = 0;
  #stopped = false;

  /** @param onMissing Gets the character and the offset in UTF-8 of what is sent. */
  constructor(
    private readonly charset: Charset,
    private readonly onMissing: (char: string, offset: number) => string | undefined,
  ) {
    this.#encoding = charset.encoder();
  }

  write(text: string): Uint8Array {
    let prepared = "";
    for (const char of text) {
      const stand = this.charset.has(char) ? char : this.onMissing(char, this.#offset);
      this.#stopped ||= stand === undefined;
      if (this.#stopped) break;
      prepared += stand;
      this.#offset += utf8Length(char);
    }
    return this.#encoding.write(prepared);
  }

  end(): Uint8Array {
    return this.#encoding.end();
  }
}

function utf8Length(char: string): number {
  const code = char.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
