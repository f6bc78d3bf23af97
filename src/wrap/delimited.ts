/** `--frame line` and `nul`: messages end with one byte that they can't contain. */
import { Assembly } from "../core/assembly.ts";
import { concat } from "../core/bytes.ts";
import type { Message } from "../core/duplex.ts";
import type { Codec, Decoder, DecoderOptions } from "./codec.ts";

/** A codec whose messages are ended by `delimiter`. The last one may lack it. */
export function delimited(delimiter: number): Codec {
  const tail = Uint8Array.of(delimiter);
  return {
    decoder: (options) => new DelimitedDecoder(delimiter, options),
    encode: ({ data }) => concat([data, tail]),
  };
}

export class DelimitedDecoder implements Decoder {
  readonly #begun: Assembly;
  #chunk: Uint8Array = new Uint8Array();

  constructor(private readonly delimiter: number, private readonly options: DecoderOptions) {
    this.#begun = new Assembly(options.sharing);
  }

  get partial(): number {
    return this.#begun.length;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  next(): Message | undefined {
    const end = this.#chunk.indexOf(this.delimiter);
    const piece = end < 0 ? this.#chunk : this.#chunk.subarray(0, end);
    const { maxMessage, fail } = this.options;
    if (this.#begun.length + piece.length > maxMessage) {
      throw fail(`a message is longer than ${maxMessage} bytes`);
    }
    this.#chunk = this.#chunk.subarray(end < 0 ? this.#chunk.length : end + 1);
    if (end >= 0 && this.#begun.length === 0) return this.#message(piece);
    this.#begun.add(piece);
    return end < 0 ? undefined : this.#message(this.#begun.take());
  }

  finish(): Message | null {
    return this.#begun.length > 0 ? this.#message(this.#begun.take()) : null;
  }

  drop(): void {
    this.#begun.drop();
  }

  #message(data: Uint8Array): Message {
    return { data, text: this.options.text };
  }
}
