/** `--expect`: searches what is written for a pattern. */
import type { Duplex } from "../core/duplex.ts";
import { DuplexWrapper } from "./wrapper.ts";

/** Length of the text kept before the newest chunk, in UTF-16 code units. */
const WINDOW = 64 * 1024;

/** The same connection, and a promise that resolves once what was written matches `pattern`. */
export function expect(
  connection: Duplex,
  pattern: RegExp,
): { connection: Duplex; matched: Promise<void> } {
  const match = Promise.withResolvers<void>();
  return { connection: new Expect(connection, pattern, match.resolve), matched: match.promise };
}

class Expect extends DuplexWrapper {
  readonly #decoder = new TextDecoder();
  readonly #pattern: RegExp;
  #text = "";
  /** Where a match may begin: one unit is kept before it, so that `^` and `\b` see a context. */
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
