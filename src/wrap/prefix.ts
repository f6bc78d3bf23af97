/** `--prefix`: a label before every line of output names the peer. */
import { Assembly } from "../core/assembly.ts";
import { concat } from "../core/bytes.ts";
import { deadline } from "../core/deadlines.ts";
import type { Duplex } from "../core/duplex.ts";
import { Withholding } from "./withholding.ts";

const LF = 0x0a;
const NEWLINE = Uint8Array.of(LF);
/** A partial line of this size is written, bytes. */
const MAX_HELD = 64 * 1024;
/** A partial line is held this long, milliseconds. */
const HOLD_TIME = 200;

/** Output that peers share: `last` wrote the last line, if that is partial. */
export class SharedLines {
  last: object | undefined;
}

export interface PrefixOptions {
  /** Written before every line. */
  readonly label: string;
  /** Whether each write is a message, which gets a newline at its end. */
  readonly messages: boolean;
  /** The state of the output that peers share. */
  readonly lines: SharedLines;
}

/**
 * Writes the label before every line. Holds a stream's partial line until it is complete, or for
 * 200 ms. A partial line that another peer's line follows gets a newline.
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
    const text = whole ? withNewline(bytes) : this.#completeLines(bytes);
    return text.length > 0 ? this.inner.write(this.#labelled(text)) : Promise.resolve();
  }

  /** The complete lines so far. Holds the rest. */
  #completeLines(bytes: Uint8Array): Uint8Array {
    const end = bytes.lastIndexOf(LF) + 1;
    const whole = end > 0 ? concat([this.#held.take(), bytes.subarray(0, end)]) : new Uint8Array();
    if (end > 0 || this.#held.length === 0) this.#setTimer(bytes.length > end);
    this.#held.add(bytes.subarray(end));
    return this.#held.length < MAX_HELD ? whole : concat([whole, this.#take()]);
  }

  #setTimer(wanted: boolean): void {
    this.#cancel();
    this.#cancel = wanted ? deadline(HOLD_TIME, () => this.#flush()) : () => {};
  }

  #flush(): void {
    this.inner.write(this.#labelled(this.#take())).catch((error) => this.close(error));
  }

  #take(): Uint8Array {
    this.#setTimer(false);
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
    let inLine = lines.last === this;
    for (let at = 0; at < text.length;) {
      const end = text.indexOf(LF, at) + 1 || text.length;
      if (!inLine) parts.push(this.#label);
      parts.push(text.subarray(at, end));
      inLine = false;
      at = end;
    }
    lines.last = text.at(-1) === LF ? undefined : this;
    return concat(parts);
  }
}

/** The same text, with a newline at its end if it has none. */
function withNewline(text: Uint8Array): Uint8Array {
  return text.at(-1) === LF ? text : concat([text, NEWLINE]);
}
