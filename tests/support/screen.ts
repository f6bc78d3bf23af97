/** A terminal in memory: the control sequences that coax's input line uses, and wrapping. */

export class MemoryTerminal {
  readonly #rows: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(readonly columns: number, readonly height: number) {}

  /** Writes text of one-column characters and control sequences. */
  write(text: string): void {
    for (const [part, up, command] of text.matchAll(/\x1b\[(\d*)([A-Za-z])|[^]/g)) {
      if (part === "\r") this.#column = 0;
      else if (part === "\n") this.#lineFeed();
      else if (command === "A") this.#row = Math.max(this.#top, this.#row - Number(up || 1));
      else if (command === "J") this.#eraseBelow();
      else if (command) throw new Error(`unknown sequence ${JSON.stringify(part)}`);
      else this.#put(part);
    }
  }

  /** All rows, those that have left the screen too, with `|` for the cursor. */
  get shown(): string[] {
    return this.#rows.map((row, index) => {
      if (index !== this.#row) return row;
      return row.slice(0, this.#column).padEnd(this.#column) + "|" + row.slice(this.#column);
    });
  }

  get #top(): number {
    return Math.max(0, this.#rows.length - this.height);
  }

  /** LF begins at the first column, as terminals add CR (termios, ONLCR). */
  #lineFeed(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push("");
  }

  #eraseBelow(): void {
    this.#rows[this.#row] = this.#rows[this.#row]!.slice(0, this.#column);
    this.#rows.length = this.#row + 1;
  }

  #put(char: string): void {
    if (this.#column === this.columns) this.#lineFeed();
    const row = this.#rows[this.#row]!;
    this.#rows[this.#row] = row.slice(0, this.#column).padEnd(this.#column) + char +
      row.slice(this.#column + 1);
    this.#column++;
  }
}
