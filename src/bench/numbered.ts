/** Messages that carry their number, so that late, lost and duplicate answers show. */
import type { Pattern } from "./pattern.ts";

/** Bytes of a message that hold its number; a shorter message is all number. */
const WIDTH = 4;

export class NumberedMessages {
  readonly #message: Uint8Array;
  readonly #width: number;

  /** @param seed Makes the messages of one connection differ from those of another. */
  constructor(
    private readonly pattern: Pattern,
    private readonly size: number,
    private readonly seed: number,
  ) {
    this.#message = new Uint8Array(size);
    this.#width = Math.min(WIDTH, size);
  }

  /** How many messages can be told apart: no more of them may be under way. */
  get range(): number {
    return 256 ** this.#width;
  }

  /** The message with that number. Valid until the next call. */
  make(number: number): Uint8Array {
    this.#message.set(this.pattern.at(this.#position(number), this.size));
    let rest = number;
    for (let i = this.#width - 1; i >= 0; i--) {
      this.#message[i] = rest;
      rest = Math.floor(rest / 256);
    }
    return this.#message;
  }

  /** The number of a returned message, at most `latest`, or a description of what is wrong. */
  read(data: Uint8Array, latest: number): number | string {
    if (data.length !== this.size) {
      return `a message of ${data.length} bytes came back, not of ${this.size}`;
    }
    let low = 0;
    for (let i = 0; i < this.#width; i++) low = low * 256 + data[i]!;
    const { range } = this;
    const number = latest - (((latest - low) % range) + range) % range;
    if (number < 0) return "a message came back that was never sent";
    const position = this.#position(number) + this.#width;
    const mistake = this.pattern.mistake(data.subarray(this.#width), position);
    return mistake ? `message ${number} came back with ${mistake}` : number;
  }

  #position(number: number): number {
    return this.seed + number * this.size;
  }
}
