/**
 * The end of a terminal's output: what is being typed stands in the last rows, and what arrives is
 * written above it. Each change is one write, which takes those rows away and draws them again.
 */
import { expandTabs, isCertain, widthOf, wrap } from "./cells.ts";
import type { Row, Space, View } from "./input_view.ts";

/** Cursor up, and erase from the cursor to the end of the screen (ECMA-48 §8.3.22, §8.3.39). */
const up = (rows: number) => rows > 0 ? `\x1b[${rows}A` : "";
const ERASE_BELOW = "\x1b[J";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/** What a screen needs. */
export interface ScreenOptions {
  /** Writes to the terminal, after what was written before. */
  write(text: string): Promise<void>;
  /** The terminal's size. */
  size(): Space;
  /** What is being typed; undefined where nothing can be typed. */
  input(space: Space): View | undefined;
  /** Adds the look of a whole line that has arrived. */
  styled(line: string): string;
  /** Called when a line that hasn't come to its end gets one because others follow. */
  lineClosed(): void;
}

const NOTHING: Row = { shown: "", width: 0 };
const EMPTY: View = { rows: [], cursorRow: 0, before: NOTHING };

export class Screen {
  #painted = EMPTY;
  /** The last row of a line that has arrived without its end. */
  #open = "";
  /** Whether that line has more rows, which are above. */
  #continued = false;
  #status: string | undefined;
  #written: Promise<void> = Promise.resolve();
  #willRefresh = false;
  /** How many writes haven't settled. */
  #pending = 0;

  constructor(private readonly options: ScreenOptions) {}

  /** Whether all that was asked for is written. */
  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** Resolves once all that was asked for is written, or can't be. */
  get written(): Promise<void> {
    return this.#written;
  }

  /** Writes what has arrived above what is typed. Rejects if the terminal can't be written to. */
  print(text: string): Promise<void> {
    return this.#change(() => this.#append(text));
  }

  /** Writes whole lines above what is typed, apart from a line that hasn't come to its end. */
  printLines(lines: readonly string[]): Promise<void> {
    return this.#change(() => this.#closed() + lines.map((line) => `${line}\n`).join(""));
  }

  /** Shows a line between what has arrived and what is typed. */
  set status(text: string | undefined) {
    this.#status = text;
    this.refresh();
  }

  /** Draws again what is typed. */
  refresh(): void {
    if (this.#willRefresh) return;
    this.#willRefresh = true;
    this.#change(() => {
      this.#willRefresh = false;
      return "";
    }).catch(() => {}); // Whoever writes something gets the error.
  }

  /** Clears the screen, and draws again what is typed. */
  clear(): void {
    this.#change(() => this.#closed() + CLEAR_SCREEN).catch(() => {});
  }

  /** Draws what is typed below the cursor's row, after `text`. */
  enter(text: string): void {
    this.#painted = EMPTY;
    this.#change(() => text).catch(() => {});
  }

  /**
   * Takes the rows of what is typed away, and writes `text` in their place. What comes later is
   * written after `until`.
   */
  leave(text: string, until?: Promise<void>): Promise<void> {
    const leaving = this.#then(() => {
      const erased = this.#erased() + this.#closed();
      this.#painted = EMPTY;
      return erased + text;
    });
    this.#written = this.#written.then(() => until);
    return leaving;
  }

  #change(text: () => string): Promise<void> {
    return this.#then(() => {
      const erased = this.#erased();
      return erased + text() + this.#paint();
    });
  }

  /** Writes the result of `text`, which is called when all before it is written. */
  #then(text: () => string): Promise<void> {
    this.#pending++;
    const writing = this.#written.then(() => this.options.write(text()))
      .finally(() => this.#pending--);
    this.#written = writing.catch(() => {});
    return writing;
  }

  /**
   * Takes the painted rows away. Where the terminal has another width by now, it has wrapped them
   * anew.
   */
  #erased(): string {
    const { columns } = this.options.size();
    const { rows, cursorRow, before } = this.#painted;
    const above = rows.slice(0, cursorRow)
      .reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    const inRow = Math.ceil(before.width / columns) - 1;
    return "\r" + up(above + Math.max(0, inRow)) + ERASE_BELOW;
  }

  /** Ends a line that hasn't come to its end. */
  #closed(): string {
    const open = this.#open;
    this.#open = "";
    this.#continued = false;
    if (open === "") return "";
    this.options.lineClosed();
    return `${open}\n`;
  }

  /** The text for what has arrived. The last row of a line without an end is painted later. */
  #append(text: string): string {
    const lines = (this.#open + text).split("\n");
    const rest = lines.pop()!;
    let whole = "";
    for (const line of lines) {
      whole += (this.#continued ? line : this.options.styled(line)) + "\n";
      this.#continued = false;
    }
    this.#open = expandTabs(rest);
    return whole + this.#longOpenLine();
  }

  /** What has to be written of an open line of several rows. */
  #longOpenLine(): string {
    const open = this.#open;
    const { columns } = this.options.size();
    const rows = wrap(open, columns);
    if (rows.length === 1) return "";
    if (!isCertain(open)) return this.#closed(); // Nobody knows where its last row begins.
    this.#continued = true;
    this.#open = rows.at(-1)!;
    return open.slice(0, open.length - this.#open.length);
  }

  /** Draws the open line, the status, and what is typed. */
  #paint(): string {
    const size = this.options.size();
    const columns = Math.max(1, size.columns - 1);
    const above: Row[] = [];
    if (this.#open !== "") above.push({ shown: this.#open, width: widthOf(this.#open) });
    if (this.#status !== undefined) {
      const [shown] = wrap(this.#status, columns);
      above.push({ shown: shown!, width: widthOf(shown!) });
    }
    const rows = Math.max(1, Math.min(size.rows - above.length - 1, Math.ceil(size.rows / 2)));
    const input = this.options.input({ columns, rows });
    this.#painted = input
      ? { ...input, rows: [...above, ...input.rows], cursorRow: above.length + input.cursorRow }
      : { rows: above, cursorRow: Math.max(0, above.length - 1), before: above.at(-1) ?? NOTHING };
    return drawn(this.#painted);
  }
}

/** Rows, and the cursor in its place: it goes there by the text before it, however wide that is. */
function drawn({ rows, cursorRow, before }: View): string {
  if (rows.length === 0) return "";
  const text = rows.map(({ shown }) => shown).join("\r\n");
  const below = rows.length - 1 - cursorRow;
  if (below <= 0 && rows.at(-1)?.shown === before.shown) return text;
  return `${text}${up(below)}\r${before.shown}`;
}
