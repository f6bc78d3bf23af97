/** Keeps the output of several peers apart where people read it: each begins a line of its own. */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import type { SharedLines } from "./prefix.ts";
import { Withholding } from "./withholding.ts";

const LF = 0x0a;
const NEWLINE = Uint8Array.of(LF);

interface SeparateOptions {
  /** Whether each write is a message, which gets a newline at its end. */
  readonly messages: boolean;
  /** The state of the output that peers share. */
  readonly lines: SharedLines;
}

/** Adds a newline where a line that hasn't come to its end is followed by another peer's. */
export function separate(connection: Duplex, options: SeparateOptions): Duplex {
  return new Separate(connection, options);
}

class Separate extends Withholding {
  constructor(inner: Duplex, private readonly options: SeparateOptions) {
    super(inner);
  }

  override write(bytes: Uint8Array): Promise<void> {
    const { messages, lines } = this.options;
    const parts: Uint8Array[] = lines.last && lines.last !== this ? [NEWLINE, bytes] : [bytes];
    const isOpen = bytes.length > 0 ? bytes.at(-1) !== LF : lines.last === this;
    if (messages && isOpen) parts.push(NEWLINE);
    lines.last = isOpen && !messages ? this : undefined;
    return this.inner.write(concat(parts));
  }

  protected override rest(): Uint8Array {
    const { lines } = this.options;
    if (lines.last !== this) return new Uint8Array();
    lines.last = undefined;
    return NEWLINE;
  }
}
