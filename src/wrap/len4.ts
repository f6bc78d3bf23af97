/** `--frame len4`: each message after its length, 32 bits, big-endian. */
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
  /** The header, or what has come of the message: nothing is allocated for a length alone. */
  readonly #begun: Assembly;
  #chunk: Uint8Array = new Uint8Array();
  #length: number | undefined;

  constructor(private readonly options: DecoderOptions) {
    this.#begun = new Assembly(options.sharing);
  }

  get partial(): number {
    const header = this.#length === undefined ? 0 : HEADER;
    return header + this.#begun.length;
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
    if (this.#length === undefined && this.#begun.length === 0) return null;
    throw this.options.fail("unexpected end inside a message");
  }

  drop(): void {
    this.#begun.drop();
  }

  /** Exactly `count` bytes, once they are there. */
  #take(count: number): Uint8Array | undefined {
    const piece = this.#chunk.subarray(0, count - this.#begun.length);
    this.#chunk = this.#chunk.subarray(piece.length);
    if (piece.length === count) return piece;
    this.#begun.add(piece);
    return this.#begun.length === count ? this.#begun.take() : undefined;
  }
}
