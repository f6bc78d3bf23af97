/** Lines of the log on the way to a terminal, which may take them slowly or not at all. */

/** Most characters that wait. */
const CAPACITY = 256 * 1024;

export class ErrorLines {
  #waiting = 0;
  #missing = 0;

  /** @param print Writes whole lines to the terminal. */
  constructor(private readonly print: (lines: readonly string[]) => Promise<void>) {}

  /** Writes a line. One for which there is no room is counted, and missed aloud. */
  write(line: string): void {
    if (this.#waiting > CAPACITY) return void this.#missing++;
    this.#waiting += line.length;
    this.print([line]).catch(() => {}).finally(() => {
      this.#waiting -= line.length;
      if (this.#missing === 0 || this.#waiting > 0) return;
      const text = `${this.#missing} lines of the log are missing here: the terminal was too slow`;
      this.#missing = 0;
      this.write(text);
    });
  }
}
