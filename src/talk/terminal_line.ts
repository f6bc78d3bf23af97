/** A status line on the terminal that is rewritten, and makes room for each line of stderr. */
import { escapeLine } from "../core/escape.ts";
import type { Log } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import { stderr } from "../transports/patient.ts";
import {
  setStatusRow,
  type StatusRow,
  stderrTenant,
  terminalSize,
} from "../transports/terminal.ts";

/** Cursor up; erase to the end of the line, and of the screen (ECMA-48 §8.3.22, §8.3.39, 41). */
const up = (rows: number) => `\x1b[${rows}A`;
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";
/** Columns that stay free: a terminal writes `^C` there, and what wraps can't be cleared. */
const MARGIN = 3;

export class TerminalLine implements StatusRow {
  /** Columns of the line that is shown. */
  #width = 0;
  /**
   * Set while the terminal's last line has other text, which must not be overwritten; called when a
   * line of stderr has ended it.
   */
  taken: (() => void) | undefined;

  private constructor(
    private readonly seen: boolean,
    private readonly paint: (line: string) => string,
  ) {
    if (seen) setStatusRow(this);
  }

  /**
   * A line that is shown only where stderr is a terminal with a text log of level `info`.
   *
   * @param paint Adds colors; an input line, where the status stands above it, has none.
   */
  static of(
    { logFormat }: { readonly logFormat: "text" | "json" },
    log: Log,
    paint = (line: string) => line,
  ): TerminalLine {
    const seen = logFormat === "text" && log.enabled("info") && Deno.stderr.isTerminal();
    return new TerminalLine(seen, paint);
  }

  /**
   * Shows the result of `text` every `ms` milliseconds. Returns a function that stops this.
   *
   * @param text Gets the number of columns that there are.
   */
  refresh(text: (columns: number) => string | undefined, ms: number): () => void {
    if (!this.seen) return () => {};
    const timer = setInterval(() => this.#show(text(columnsNow() - MARGIN)), ms);
    return () => {
      clearInterval(timer);
      stderrTenant()?.status(undefined);
      this.clear();
    };
  }

  /** Clears the line until the next update. */
  clear(): void {
    if (this.#width > 0) write(this.#replacedBy(""));
    this.#width = 0;
  }

  makeRoom(): void {
    this.clear();
    if (this.taken) {
      write("\n");
      this.taken();
    }
    this.taken = undefined;
  }

  /** Shows `text`, cut to the terminal's width. */
  #show(text: string | undefined): void {
    if (text === undefined) return;
    const safe = escapeLine(maskSecrets(text));
    const tenant = stderrTenant();
    if (tenant) return tenant.status(safe);
    if (this.taken) return;
    const cut = [...safe].slice(0, Math.max(1, columnsNow() - MARGIN));
    write(this.#replacedBy(this.paint(cut.join(""))));
    this.#width = cut.length;
  }

  /** Puts `text` in the line's place, which a terminal that is narrower by now has wrapped. */
  #replacedBy(text: string): string {
    const above = Math.ceil(this.#width / columnsNow()) - 1;
    return above > 0 ? `\r${up(above)}${ERASE_BELOW}${text}` : `\r${ERASE_LINE}${text}`;
  }
}

function columnsNow(): number {
  return terminalSize().columns;
}

function write(text: string): void {
  try {
    stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // The terminal is closed, so that nobody sees the line.
  }
}
