/** `--frame line` and `nul`: messages end with one byte that they can't contain. */
import { Assembly } from "../core/assembly.ts";
import { concat } from "../core/bytes.ts";
import type { Message } from "../core/duplex.ts";
import type { Codec, Decoder, DecoderOptions } from "./codec.ts";

/** A codec whose messages end with `delimiter`, except perhaps the last one. */
export function delimited(delimiter: number): Codec {
  const suffix = Uint8Array.of(delimiter);
  return {
    decoder: (options) => new DelimitedDecoder(delimiter, options),
    encode: ({ data }) => concat([data, suffix]),
  };
}

export class DelimitedDecoder implements Decoder {
  readonly #partial: Assembly;
  #chunk: Uint8Array = new Uint8Array();

  constructor(private readonly delimiter: number, private readonly options: DecoderOptions) {
    this.#partial = new Assembly(options.sharing);
  }

  get partial(): number {
    return this.#partial.length;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  next(): Message | undefined {
    const index = this.#chunk.indexOf(this.delimiter);
    const piece = index < 0 ? this.#chunk : this.#chunk.subarray(0, index);
    const { maxMessage, fail } = this.options;
    if (this.#partial.length + piece.length > maxMessage) {
      throw fail(`a message is longer than ${maxMessage} bytes`);
    }
    this.#chunk = this.#chunk.subarray(index < 0 ? this.#chunk.length : index + 1);
    if (index >= 0 && this.#partial.length === 0) return this.#message(piece);
    this.#partial.add(piece);
    return index < 0 ? undefined : this.#message(this.#partial.take());
  }

  finish(): Message | null {
    return this.#partial.length > 0 ? this.#message(this.#partial.take()) : null;
  }

  drop(): void {
    this.#partial.drop();
  }

  #message(data: Uint8Array): Message {
    return { data, text: this.options.text };
  }
}
