/** `--expect` and `--expect-bytes`: searches what is written for a pattern. */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { ExpectationError, reasonOf } from "../core/errors.ts";
import type { Searcher } from "./search.ts";
import { DuplexWrapper } from "./wrapper.ts";

/**
 * Length of the text kept before the newest chunk, in UTF-16 code units: a longer match isn't found
 * for sure. Each chunk is searched together with it, so that much more of it would take time.
 */
const WINDOW = 64 * 1024;

interface Expectation {
  readonly connection: Duplex;
  /** Resolves once what was written matches. */
  readonly matched: Promise<void>;
  /** Why nothing may have matched besides that there is no match; empty if there is none. */
  readonly caveat: string;
}

/** What is searched for: text, or bytes, of which there is at least one. */
export type Pattern = RegExp | Uint8Array;

/** The pattern for messages: `/text/`, `0x00ff`. */
export function formatPattern(pattern: Pattern): string {
  return pattern instanceof RegExp ? `/${pattern.source}/` : `0x${pattern.toHex()}`;
}

/** The same connection, whose writes are searched for `pattern`: by `searcher` what takes long. */
export function expect(connection: Duplex, pattern: Pattern, searcher: Searcher): Expectation {
  const match = Promise.withResolvers<void>();
  if (!(pattern instanceof RegExp)) {
    const searched = new ExpectBytes(connection, pattern, match.resolve);
    return { connection: searched, matched: match.promise, caveat: "" };
  }
  const searched = new Expect(connection, pattern, searcher, match.resolve);
  return {
    connection: searched,
    matched: match.promise,
    get caveat() {
      return searched.isCut ? "; a match of more than 64 KiB isn't looked for" : "";
    },
  };
}

class ExpectBytes extends DuplexWrapper {
  /** The end of what was written, too short for a whole match. */
  #tail: Uint8Array = new Uint8Array();

  constructor(
    inner: Duplex,
    private readonly pattern: Uint8Array,
    private readonly matched: () => void,
  ) {
    super(inner);
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const { length } = this.pattern;
    // A match across the border has less than its length on either side.
    const border = concat([this.#tail, bytes.subarray(0, length - 1)]);
    const found = includes(border, this.pattern) || includes(bytes, this.pattern);
    const end = bytes.length < length ? concat([this.#tail, bytes]) : bytes;
    this.#tail = length > 1 ? end.slice(-(length - 1)) : end.slice(0, 0);
    await this.inner.write(bytes);
    if (found) this.matched();
  }
}

function includes(bytes: Uint8Array, pattern: Uint8Array): boolean {
  const last = bytes.length - pattern.length;
  for (let at = bytes.indexOf(pattern[0]!); at >= 0 && at <= last;) {
    if (pattern.every((byte, i) => bytes[at + i] === byte)) return true;
    at = bytes.indexOf(pattern[0]!, at + 1);
  }
  return false;
}

/** Repetitions and choices: without one, a search takes no time that would be worth a thread. */
const CHOICE = /[*+{?|]/;

class Expect extends DuplexWrapper {
  readonly #decoder = new TextDecoder();
  readonly #pattern: RegExp;
  readonly #closing = new AbortController();
  #text = "";
  #isCut = false;
  /** Where a match may begin: one unit is kept before it, so that `^` and `\b` see a context. */
  #from = 0;

  constructor(
    inner: Duplex,
    pattern: RegExp,
    private readonly searcher: Searcher,
    private readonly matched: () => void,
  ) {
    super(inner);
    this.#pattern = new RegExp(pattern, pattern.flags + "g"); // Only these have a `lastIndex`.
  }

  /** Whether there was more text than is kept for a match. */
  get isCut(): boolean {
    return this.#isCut;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    await this.inner.write(bytes);
    if (this.#text.length > WINDOW) {
      this.#text = this.#text.slice(-WINDOW);
      this.#from = 1;
      this.#isCut = true;
    }
    this.#text += this.#decoder.decode(bytes, { stream: true });
    if (CHOICE.test(this.#pattern.source) ? await this.#search() : this.#test()) this.matched();
  }

  #test(): boolean {
    this.#pattern.lastIndex = this.#from;
    return this.#pattern.test(this.#text);
  }

  async #search(): Promise<boolean> {
    const { source, flags } = this.#pattern;
    const search = { source, flags, text: this.#text, from: this.#from };
    try {
      return await this.searcher.find(search, this.#closing.signal);
    } catch (error) {
      throw new ExpectationError("expect", formatPattern(this.#pattern), reasonOf(error));
    }
  }

  override close(reason?: Error): void {
    this.#closing.abort();
    super.close(reason);
  }
}
