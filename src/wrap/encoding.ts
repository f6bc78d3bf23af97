/** `--encoding`: converts between the peer's character set and UTF-8. */
import { concat } from "../core/bytes.ts";
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { EncodingError } from "../core/errors.ts";
import { Remainder } from "../core/remainder.ts";
import {
  type Charset,
  NO_BYTES,
  type StreamDecoder,
  type StreamEncoder,
} from "../charset/charset.ts";
import { replacing, ScanningDecoder } from "../charset/decoder.ts";
import { CharsetEncoder } from "../charset/encoder.ts";
import { utf8 } from "../charset/unicode.ts";
import { ChannelWrapper, DuplexWrapper } from "./wrapper.ts";

/**
 * What is done with invalid bytes and characters that a set lacks: replaced by U+FFFD or `?`, an
 * error with the offset, or escaped as `\xHH` and `\u{HEX}`.
 */
export const ENCODING_ERRORS = ["replace", "strict", "escape"] as const;
export type EncodingErrors = (typeof ENCODING_ERRORS)[number];

/** The same peer, in UTF-8. Messages are converted one by one; text ones are UTF-8 already. */
export function encoded(peer: Duplex, charset: Charset, errors: EncodingErrors): Duplex;
export function encoded(peer: Channel, charset: Charset, errors: EncodingErrors): Channel;
export function encoded(
  peer: Duplex | Channel,
  charset: Charset,
  errors: EncodingErrors,
): Duplex | Channel {
  return peer.framing === "stream"
    ? new EncodedDuplex(peer, charset, errors)
    : new EncodedChannel(peer, charset, errors);
}

/** Converts one direction from one character set to another, in chunks. */
class Transcoder {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  /** Set after the first error with `strict`: no more is converted. */
  failure: EncodingError | undefined;

  /** @param stage Of the error: `receive from`, `send to`. */
  constructor(
    from: Charset,
    to: Charset,
    errors: EncodingErrors,
    private readonly stage: string,
    private readonly peer: string,
  ) {
    this.#decoder = errors === "replace" ? replacing(from) : new ScanningDecoder(
      from,
      (bytes, offset) => {
        const [first, ...others] = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
        if (errors === "escape") return [first, ...others].map((hex) => `\\x${hex}`).join("");
        this.#fail(`byte 0x${first} at offset ${offset} is not ${from.name}`);
      },
    );
    // UTF-8 has every character: none needs a replacement.
    this.#encoder = to === utf8 ? utf8Encoder() : new CharsetEncoder(to, (char, offset) => {
      const hex = char.codePointAt(0)!.toString(16).padStart(4, "0").toUpperCase();
      if (errors === "replace") return "?";
      if (errors === "escape") return `\\u{${hex}}`;
      this.#fail(`${to.name} has no U+${hex}, at byte offset ${offset}`);
    });
  }

  write(bytes: Uint8Array): Uint8Array {
    return this.#encoder.write(this.#decoder.write(bytes));
  }

  /** At EOF, the conversion of an incomplete character, and the encoder's last bytes. */
  finish(): Uint8Array[] {
    return [this.#encoder.write(this.#decoder.finish()), this.#encoder.finish()];
  }

  #fail(reason: string): void {
    this.failure ??= new EncodingError(this.stage, this.peer, reason);
  }
}

function utf8Encoder(): StreamEncoder {
  const encoder = new TextEncoder();
  return { write: (text) => encoder.encode(text), finish: () => NO_BYTES };
}

class EncodedDuplex extends DuplexWrapper {
  readonly #incoming: Transcoder;
  readonly #outgoing: Transcoder;
  /** Decoded bytes that don't fit the caller's buffer. */
  readonly #rest = new Remainder();
  #eof = false;
  /** A failed read, thrown once all bytes before it have been read. */
  #readError: Error | undefined;

  constructor(inner: Duplex, charset: Charset, errors: EncodingErrors) {
    super(inner);
    this.#incoming = new Transcoder(charset, utf8, errors, "receive from", inner.peer);
    this.#outgoing = new Transcoder(utf8, charset, errors, "send to", inner.peer);
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.isEmpty) {
      if (this.#readError) throw this.#readError;
      if (this.#incoming.failure) throw this.#incoming.failure;
      if (this.#eof) return null;
      const count = await this.inner.read(buffer).catch((error) => {
        this.#readError = error;
        return null;
      });
      this.#eof = count === null;
      const decoded = count === null
        ? this.#incoming.finish()[0]!
        : this.#incoming.write(buffer.subarray(0, count));
      this.#rest.set(decoded);
    }
    return this.#rest.moveTo(buffer);
  }

  override async write(bytes: Uint8Array): Promise<void> {
    await this.#send(this.#outgoing.write(bytes));
  }

  override async closeWrite(): Promise<void> {
    for (const part of this.#outgoing.finish()) await this.#send(part);
    await this.inner.closeWrite();
  }

  /** Sends what was converted before a failure, then throws it. */
  async #send(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.inner.write(bytes);
    if (this.#outgoing.failure) throw this.#outgoing.failure;
  }
}

class EncodedChannel extends ChannelWrapper {
  constructor(
    inner: Channel,
    private readonly charset: Charset,
    private readonly errors: EncodingErrors,
  ) {
    super(inner);
  }

  override async receive(): Promise<Message | null> {
    const message = await this.inner.receive();
    return message && this.#convert(message, this.charset, utf8, "receive from");
  }

  override async send(message: Message): Promise<void> {
    await this.inner.send(this.#convert(message, utf8, this.charset, "send to"));
  }

  #convert(message: Message, from: Charset, to: Charset, stage: string): Message {
    if (message.text) return message; // UTF-8 by definition (RFC 6455 §5.6).
    const transcoder = new Transcoder(from, to, this.errors, stage, this.peer);
    const parts = [transcoder.write(message.data), ...transcoder.finish()];
    if (transcoder.failure) throw transcoder.failure;
    return { ...message, data: concat(parts) };
  }
}
