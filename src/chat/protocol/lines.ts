/** Lines out of text that comes in pieces, none longer than a room takes. */

/** Longest line, bytes of UTF-8. */
export const LONGEST_LINE = 4096;

const encoder = new TextEncoder();
const scratch = new Uint8Array(LONGEST_LINE);

/** A line without its end; `cut`: it was longer, and the rest is dropped. */
export interface TypedLine {
  readonly text: string;
  readonly cut: boolean;
}

/** At most the first 4 KiB of a line; no character is cut in two. */
export function cutLine(line: string): TypedLine {
  if (line.length * 3 <= LONGEST_LINE) return { text: line, cut: false };
  const { read } = encoder.encodeInto(line, scratch);
  return { text: line.slice(0, read), cut: read < line.length };
}

/**
 * Puts lines together; they end with LF or CR LF. Keeps no more of a long one than it passes on,
 * and takes text apart as its lines are asked for: what has been sent may be a million of them.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** Whether the end of a line that was too long is still to come. */
  #long = false;

  /** The lines that `bytes` complete. Take them all before more bytes come. */
  *push(bytes: Uint8Array): Generator<TypedLine> {
    // A line is part of the text that it was found in, and keeps all of it in memory.
    for (let at = 0; at < bytes.length; at += LONGEST_LINE) {
      const piece = bytes.subarray(at, at + LONGEST_LINE);
      yield* this.#split(this.#decoder.decode(piece, { stream: true }));
    }
  }

  /** What is left at the end: a last line without an end. Then a new text may begin. */
  *end(): Generator<TypedLine> {
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
    this.#long ||= rest.length > LONGEST_LINE;
    this.#rest = this.#long ? rest.slice(0, LONGEST_LINE) : rest;
  }

  #line(piece: string): TypedLine {
    const whole = this.#rest + piece;
    const { text, cut } = cutLine(whole.endsWith("\r") ? whole.slice(0, -1) : whole);
    const line = { text, cut: cut || this.#long };
    this.#rest = "";
    this.#long = false;
    return line;
  }
}
