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

/** Puts lines together; they end with LF or CR LF. Keeps no more of a long one than it passes on. */
export class LineSplitter {
  #rest = "";
  /** Whether the end of a line that was too long is still to come. */
  #long = false;

  /** The lines that `text` completes. */
  push(text: string): TypedLine[] {
    const pieces = text.split("\n");
    pieces[0] = this.#rest + pieces[0];
    const rest = pieces.pop()!;
    const lines = pieces.map((piece) => this.#line(piece));
    this.#long ||= rest.length > LONGEST_LINE;
    this.#rest = this.#long ? rest.slice(0, LONGEST_LINE) : rest;
    return lines;
  }

  /** What is left at the end: a last line without an end. */
  end(): TypedLine[] {
    return this.#rest ? [this.#line(this.#rest)] : [];
  }

  #line(piece: string): TypedLine {
    const { text, cut } = cutLine(piece.endsWith("\r") ? piece.slice(0, -1) : piece);
    const line = { text, cut: cut || this.#long };
    this.#long = false;
    return line;
  }
}
