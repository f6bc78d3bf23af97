/** `--frame len4`: the length in 32 bits, big-endian, then the message. */
import { Assembly } from "../core/assembly.ts";
import type { Message } from "../core/duplex.ts";
import type { Codec, Decoder, DecoderOptions } from "./codec.ts";

const HEADER = 4;

export const len4: Codec = {
  decoder: (options) => new Len4Decoder(options),
  encode({ data }) {
    const framed = new Uint8Array(HEADER + data.length);
    new DataView(framed.buffer).setUint32(0, data.length);
    framed.set(data, HEADER);
    return framed;
  },
};

class Len4Decoder implements Decoder {
  /** Received bytes of the header or the message: a length alone allocates nothing. */
  readonly #partial: Assembly;
  #chunk: Uint8Array = new Uint8Array();
  #length: number | undefined;

  constructor(private readonly options: DecoderOptions) {
    this.#partial = new Assembly(options.sharing);
  }

  get partial(): number {
    const header = this.#length === undefined ? 0 : HEADER;
    return header + this.#partial.length;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  next(): Message | undefined {
    if (this.#length === undefined) {
      const header = this.#take(HEADER);
      if (!header) return undefined;
      this.#length = new DataView(header.buffer, header.byteOffset).getUint32(0);
      const { maxMessage, fail } = this.options;
      if (this.#length > maxMessage) {
        throw fail(`a message of ${this.#length} bytes is longer than ${maxMessage}`);
      }
    }
    const data = this.#take(this.#length);
    if (!data) return undefined;
    this.#length = undefined;
    return { data, text: this.options.text };
  }

  finish(): null {
    if (this.#length === undefined && this.#partial.length === 0) return null;
    throw this.options.fail("unexpected end inside a message");
  }

  drop(): void {
    this.#partial.drop();
  }

  /** Takes exactly `count` bytes; undefined until all have been received. */
  #take(count: number): Uint8Array | undefined {
    const piece = this.#chunk.subarray(0, count - this.#partial.length);
    this.#chunk = this.#chunk.subarray(piece.length);
    if (piece.length === count) return piece;
    this.#partial.add(piece);
    return this.#partial.length === count ? this.#partial.take() : undefined;
  }
}
