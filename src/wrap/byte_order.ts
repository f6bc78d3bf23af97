/** UTF-16 and UTF-32 whose byte order stands in front of the text (RFC 2781 §3.2, Unicode 3.10). */
import { concat } from "../core/bytes.ts";
import type { Charset, Decoding, Encoding } from "./coding.ts";

/** Both orders of one encoding. */
export interface ByteOrders {
  readonly big: Charset;
  readonly little: Charset;
}

const MARK = "\ufeff";

/** Encodes with a byte order mark in front of the first character, little-endian. */
export function marked({ little }: ByteOrders): Encoding {
  const encoder = little.encoder();
  let begun = false;
  return {
    write(text) {
      if (begun || text === "") return encoder.write(text);
      begun = true;
      return encoder.write(MARK + text);
    },
    end: () => encoder.end(),
  };
}

/**
 * Decodes in the order that a byte order mark tells, which isn't part of the text; without one,
 * little-endian.
 */
export class ByteOrderDecoder implements Decoding {
  #decoding: Decoding | undefined;
  #held: Uint8Array = new Uint8Array();

  /** @param open A decoder for what follows the first `skipped` bytes. */
  constructor(
    private readonly orders: ByteOrders,
    private readonly open: (charset: Charset, skipped: number) => Decoding,
  ) {}

  write(bytes: Uint8Array): string {
    if (this.#decoding) return this.#decoding.write(bytes);
    this.#held = concat([this.#held, bytes]);
    return this.#held.length < this.orders.little.unit ? "" : this.#begin();
  }

  end(): string {
    const text = this.#decoding ? "" : this.#begin();
    return text + this.#decoding!.end();
  }

  #begin(): string {
    const { big, little } = this.orders;
    const first = this.#held.subarray(0, little.unit);
    const order = [big, little].find((charset) => charset.decoder(false).write(first) === MARK);
    this.#decoding = this.open(order ?? little, order ? first.length : 0);
    return this.#decoding.write(order ? this.#held.subarray(first.length) : this.#held);
  }
}
