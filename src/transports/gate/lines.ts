/** Lines of a connection, bounded in length. */
import type { Duplex } from "../../core/duplex.ts";
import { BrokenError } from "../../core/errors.ts";
import { formatLine, LONGEST_LINE } from "./protocol.ts";

const NEWLINE = 0x0a;

/** Reads and writes lines. What is written is written in order. */
export class Lines {
  /** Bytes that were received and are no whole line yet, at the start. */
  readonly #buffer = new Uint8Array(LONGEST_LINE + 1);
  #filled = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(readonly stream: Duplex) {}

  /** Whether something has been received behind the last line. */
  get hasMore(): boolean {
    return this.#filled > 0;
  }

  /** The next line, or null at EOF. Rejects with a `BrokenError` for one that is too long. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.subarray(0, this.#filled).indexOf(NEWLINE);
      if (end >= 0) return this.#take(end);
      if (this.#filled === this.#buffer.length) throw invalid(this.stream);
      const count = await this.stream.read(this.#buffer.subarray(this.#filled));
      if (count === null) return null;
      this.#filled += count;
    }
  }

  /** Resolves once the line is taken by the next layer. */
  async write(line: object): Promise<void> {
    const writing = this.#written.then(() => this.stream.write(formatLine(line)));
    this.#written = writing.catch(() => {});
    await writing;
  }

  #take(end: number): string {
    const line = new TextDecoder().decode(this.#buffer.subarray(0, end));
    this.#buffer.copyWithin(0, end + 1, this.#filled);
    this.#filled -= end + 1;
    return line;
  }
}

/** The error for a peer that doesn't speak the gate's protocol. */
export function invalid({ peer }: Duplex): BrokenError {
  return new BrokenError("gate", peer, "it doesn't speak coax gate's protocol, version 1");
}
