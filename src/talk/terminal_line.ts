/**
 * One line of the terminal that is rewritten as things go on, and gives way to what the log tells.
 */
import { escapeLine } from "../core/escape.ts";
import type { Log } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";

/** To the start of the line, and nothing behind what follows (ECMA-48 §8.3.41). */
const CLEAR = "\r\x1b[K";

export class TerminalLine {
  #shown = false;
  /** The log of the command: what it tells stands above the line. */
  readonly log: Log;

  private constructor(private readonly seen: boolean, log: Log) {
    this.log = seen ? log.observed(({ level }) => log.enabled(level) && this.clear()) : log;
  }

  /** A line that is seen where stderr is a terminal on which people read. */
  static of({ logFormat }: { readonly logFormat: "text" | "json" }, log: Log): TerminalLine {
    const seen = logFormat === "text" && log.enabled("info") && Deno.stderr.isTerminal();
    return new TerminalLine(seen, log);
  }

  /**
   * Calls `text` every `ms` milliseconds and shows what it returns, until the function is called.
   */
  refresh(text: () => string | undefined, ms: number): () => void {
    if (!this.seen) return () => {};
    const timer = setInterval(() => this.#show(text()), ms);
    return () => {
      clearInterval(timer);
      this.clear();
    };
  }

  /** Makes room. */
  clear(): void {
    if (this.#shown) write(CLEAR);
    this.#shown = false;
  }

  /** A line that doesn't fit would go on in the next, where it can't be taken back. */
  #show(text: string | undefined): void {
    if (text === undefined) return;
    write(CLEAR + [...escapeLine(maskSecrets(text))].slice(0, columns() - 1).join(""));
    this.#shown = true;
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

function write(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // The terminal has gone; whoever watched has, too.
  }
}
