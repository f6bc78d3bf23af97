/** `--prefix`: every line of output says which peer it came from. */
import { Assembly } from "../core/assembly.ts";
import { concat } from "../core/bytes.ts";
import { deadline } from "../core/deadlines.ts";
import type { Duplex } from "../core/duplex.ts";
import { Withholding } from "./withholding.ts";

const LF = 0x0a;
const NEWLINE = Uint8Array.of(LF);
/** More of a line than this isn't waited for, bytes. */
const LONGEST_PIECE = 64 * 1024;
/** A piece of a line waits this long for the rest, milliseconds. */
const PATIENCE = 200;

/** Output that peers share: who has said something in its last line, where that isn't ended. */
export class SharedLines {
  last: object | undefined;
}

export interface PrefixOptions {
  /** Stands before every line. */
  readonly label: string;
  /** Each write is a message, which ends with its line. */
  readonly messages: boolean;
  /** Lines of the same output, whoever writes them. */
  readonly lines: SharedLines;
}

/**
 * Puts the label before every line that is written. Of a stream, lines come out whole, or in pieces
 * where the rest doesn't come; a piece that another peer's line follows gets a newline.
 */
export function prefix(connection: Duplex, options: PrefixOptions): Duplex {
  return new Prefix(connection, options);
}

class Prefix extends Withholding {
  readonly #label: Uint8Array;
  readonly #held = new Assembly();
  #cancel = () => {};

  constructor(inner: Duplex, private readonly options: PrefixOptions) {
    super(inner);
    this.#label = new TextEncoder().encode(options.label);
  }

  override write(bytes: Uint8Array): Promise<void> {
    const whole = this.options.messages || this.over;
    const text = whole ? ended(bytes) : this.#ready(bytes);
    return text.length > 0 ? this.inner.write(this.#labelled(text)) : Promise.resolve();
  }

  /** What is whole by now. The rest waits for more, for a time. */
  #ready(bytes: Uint8Array): Uint8Array {
    const end = bytes.lastIndexOf(LF) + 1;
    const whole = end > 0 ? concat([this.#held.take(), bytes.subarray(0, end)]) : new Uint8Array();
    if (end > 0 || this.#held.length === 0) this.#wait(bytes.length > end);
    this.#held.add(bytes.subarray(end));
    return this.#held.length < LONGEST_PIECE ? whole : concat([whole, this.#take()]);
  }

  #wait(wanted: boolean): void {
    this.#cancel();
    this.#cancel = wanted ? deadline(PATIENCE, () => this.#show()) : () => {};
  }

  #show(): void {
    this.inner.write(this.#labelled(this.#take())).catch((error) => this.close(error));
  }

  #take(): Uint8Array {
    this.#wait(false);
    return this.#held.take();
  }

  protected override rest(): Uint8Array {
    const held = this.#take();
    const text = held.length > 0 ? this.#labelled(held) : held;
    const { lines } = this.options;
    if (lines.last !== this) return text;
    lines.last = undefined;
    return concat([text, NEWLINE]);
  }

  #labelled(text: Uint8Array): Uint8Array {
    const { lines } = this.options;
    const parts: Uint8Array[] = lines.last && lines.last !== this ? [NEWLINE] : [];
    let begun = lines.last === this;
    for (let at = 0; at < text.length;) {
      const end = text.indexOf(LF, at) + 1 || text.length;
      if (!begun) parts.push(this.#label);
      parts.push(text.subarray(at, end));
      begun = false;
      at = end;
    }
    lines.last = text.at(-1) === LF ? undefined : this;
    return concat(parts);
  }
}

/** The same text with a newline at its end. */
function ended(text: Uint8Array): Uint8Array {
  return text.at(-1) === LF ? text : concat([text, NEWLINE]);
}
