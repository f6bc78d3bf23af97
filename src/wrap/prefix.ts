/** `--prefix`: every line of output says which peer it came from. */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { DuplexWrapper } from "./wrapper.ts";

const LF = 0x0a;
/** A line longer than this comes out in pieces, bytes. */
const LONGEST_LINE = 64 * 1024;

/** Puts `label` before every line that is written; lines come out whole. */
export function prefix(end: Duplex, label: string): Duplex {
  return new Prefix(end, new TextEncoder().encode(label));
}

class Prefix extends DuplexWrapper {
  readonly #label: Uint8Array;
  #line: Uint8Array = new Uint8Array();

  constructor(inner: Duplex, label: Uint8Array) {
    super(inner);
    this.#label = label;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF)) {
      await this.#emit(rest.subarray(0, end + 1));
      rest = rest.subarray(end + 1);
    }
    this.#line = concat([this.#line, rest]);
    if (this.#line.length >= LONGEST_LINE) await this.#emit(Uint8Array.of(LF));
  }

  /** The last line may lack its newline; another peer's must not follow it. */
  override async closeWrite(): Promise<void> {
    if (this.#line.length > 0) await this.#emit(Uint8Array.of(LF));
    await this.inner.closeWrite();
  }

  #emit(tail: Uint8Array): Promise<void> {
    const whole = concat([this.#label, this.#line, tail]);
    this.#line = new Uint8Array();
    return this.inner.write(whole);
  }
}
