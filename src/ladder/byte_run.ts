/** Bytes that follow one another in one direction, which become one arrow. */
import { concat } from "../core/bytes.ts";
import type { Message } from "../core/duplex.ts";
import type { Side } from "../record/event.ts";
import type { Load } from "./ladder.ts";
import { PREVIEW, previewOf } from "./printable.ts";

/** The longest pause within a run, seconds. */
const LONGEST_GAP = 0.05;

export class ByteRun {
  #end: number;
  #bytes = 0;
  #pieces = 0;
  /** The first bytes: enough for a preview, and one more to see that it is cut. */
  #head: Uint8Array = new Uint8Array();

  /**
   * @param row Index of the arrow's row.
   * @param start Time of the first bytes, seconds.
   */
  constructor(readonly row: number, readonly dir: Side, private readonly start: number) {
    this.#end = start;
  }

  /** Whether bytes sent by `dir` at time `t` belong to the run. */
  takes(dir: Side, t: number): boolean {
    return dir === this.dir && t - this.#end <= LONGEST_GAP;
  }

  add(data: Uint8Array, t: number): void {
    this.#end = t;
    this.#bytes += data.length;
    this.#pieces++;
    const missing = PREVIEW + 1 - this.#head.length;
    if (missing > 0) this.#head = concat([this.#head, data.subarray(0, missing)]);
  }

  load(): Load {
    const head = this.#head;
    return {
      bytes: this.#bytes,
      pieces: this.#pieces,
      seconds: this.#end - this.start,
      // Most of many runs are folded, and never looked at.
      get preview() {
        return previewOf(head, undefined);
      },
    };
  }
}

/** What an arrow of one message stands for. */
export function loadOf({ data, text }: Message): Load {
  return {
    bytes: data.length,
    pieces: 1,
    seconds: 0,
    get preview() {
      return previewOf(data.subarray(0, PREVIEW + 1), text || undefined);
    },
  };
}
