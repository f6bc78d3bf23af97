/** Splits text that arrives in chunks into lines, and limits their length. */

/** Longest line, bytes of UTF-8. */
export const LONGEST_LINE = 4096;
/** Most lines of a text that is said as one: members at terminals get a line for each. */
export const MOST_LINES = 200;

const encoder = new TextEncoder();
const scratch = new Uint8Array(LONGEST_LINE);

/** A line without its line ending; `cut`: it was too long, and the rest is dropped. */
export interface TypedLine {
  readonly text: string;
  readonly cut: boolean;
}

/** Cuts a line to 4 KiB of UTF-8, between two characters. */
export function cutLine(line: string): TypedLine {
  if (line.length * 3 <= LONGEST_LINE) return { text: line, cut: false };
  const { read } = encoder.encodeInto(line, scratch);
  return { text: line.slice(0, read), cut: read < line.length };
}

/** A text without the blank lines around it, with LF at its line ends, cut to `most` lines. */
export function cutText(text: string, most = MOST_LINES): TypedLine {
  const lines = text.replaceAll("\r\n", "\n").replace(/^(?:[^\S\n]*\n)+/, "").trimEnd().split("\n");
  return { text: lines.slice(0, most).join("\n"), cut: lines.length > most };
}

/**
 * Splits text at LF or CR LF. Keeps no more of a long line than it passes on, and splits lazily,
 * since one chunk may hold a million lines.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** Whether the rest of a line that is too long is being skipped. */
  #skipping = false;

  /** Whether a line has begun and not ended. */
  get isWithinLine(): boolean {
    return this.#rest !== "" || this.#skipping;
  }

  /** Yields the lines that `bytes` complete. Take all of them before the next `push`. */
  *push(bytes: Uint8Array): Generator<TypedLine> {
    // In pieces, since each line keeps the whole string that it is a slice of in memory.
    for (let at = 0; at < bytes.length; at += LONGEST_LINE) {
      const piece = bytes.subarray(at, at + LONGEST_LINE);
      yield* this.#split(this.#decoder.decode(piece, { stream: true }));
    }
  }

  /** Yields the last line, if it has no line ending, and resets the splitter for a new text. */
  *finish(): Generator<TypedLine> {
    yield* this.#split(this.#decoder.decode());
    if (this.#rest) yield this.#line("");
  }

  *#split(text: string): Generator<TypedLine> {
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      yield this.#line(text.slice(from, end));
      from = end + 1;
    }
    const rest = this.#rest + text.slice(from);
    this.#skipping ||= rest.length > LONGEST_LINE;
    this.#rest = this.#skipping ? rest.slice(0, LONGEST_LINE) : rest;
  }

  #line(piece: string): TypedLine {
    const whole = this.#rest + piece;
    const { text, cut } = cutLine(whole.endsWith("\r") ? whole.slice(0, -1) : whole);
    const line = { text, cut: cut || this.#skipping };
    this.#rest = "";
    this.#skipping = false;
    return line;
  }
}
