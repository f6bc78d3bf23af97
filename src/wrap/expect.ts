/** `--expect`: looks for a pattern in the text that arrives. */
import type { Duplex } from "../core/duplex.ts";
import { DuplexWrapper } from "./wrapper.ts";

/** Text in which a match is looked for, in UTF-16 units, before the newest chunk. */
const WINDOW = 64 * 1024;

/** The same end, and a promise that resolves once what was written to it matches `pattern`. */
export function expect(
  connection: Duplex,
  pattern: RegExp,
): { connection: Duplex; matched: Promise<void> } {
  const found = Promise.withResolvers<void>();
  return { connection: new Expect(connection, pattern, found.resolve), matched: found.promise };
}

class Expect extends DuplexWrapper {
  readonly #decoder = new TextDecoder();
  readonly #pattern: RegExp;
  #text = "";
  /** Where a match may begin: text that was cut off before it tells whether a line begins there. */
  #from = 0;

  constructor(inner: Duplex, pattern: RegExp, private readonly matched: () => void) {
    super(inner);
    this.#pattern = new RegExp(pattern, pattern.flags + "g"); // Only these have a `lastIndex`.
  }

  override async write(bytes: Uint8Array): Promise<void> {
    await this.inner.write(bytes);
    if (this.#text.length > WINDOW) {
      this.#text = this.#text.slice(-WINDOW);
      this.#from = 1;
    }
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#pattern.lastIndex = this.#from;
    if (this.#pattern.test(this.#text)) this.matched();
  }
}
