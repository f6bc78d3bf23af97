/** A status line on the terminal that is rewritten, and cleared before each line of the log. */
import { escapeLine } from "../core/escape.ts";
import type { Log } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import { stderrTenant, terminalSize } from "../transports/terminal.ts";

/** Carriage return, and erase to the end of the line (ECMA-48 §8.3.41). */
const CLEAR = "\r\x1b[K";

export class TerminalLine {
  #shown = false;
  /** The command's log, whose lines are written above the status line. */
  readonly log: Log;

  private constructor(private readonly seen: boolean, log: Log) {
    this.log = seen ? log.observed(({ level }) => log.enabled(level) && this.clear()) : log;
  }

  /** A line that is shown only where stderr is a terminal with a text log of level `info`. */
  static of({ logFormat }: { readonly logFormat: "text" | "json" }, log: Log): TerminalLine {
    const seen = logFormat === "text" && log.enabled("info") && Deno.stderr.isTerminal();
    return new TerminalLine(seen, log);
  }

  /** Shows the result of `text` every `ms` milliseconds. Returns a function that stops this. */
  refresh(text: () => string | undefined, ms: number): () => void {
    if (!this.seen) return () => {};
    const timer = setInterval(() => this.#show(text()), ms);
    return () => {
      clearInterval(timer);
      stderrTenant()?.status(undefined);
      this.clear();
    };
  }

  /** Clears the line until the next update. */
  clear(): void {
    if (this.#shown) write(CLEAR);
    this.#shown = false;
  }

  /** Shows `text`, cut to the terminal's width: a wrapped line couldn't be cleared. */
  #show(text: string | undefined): void {
    if (text === undefined) return;
    const safe = escapeLine(maskSecrets(text));
    const tenant = stderrTenant();
    if (tenant) return tenant.status(safe);
    write(CLEAR + [...safe].slice(0, terminalSize().columns - 1).join(""));
    this.#shown = true;
  }
}

function write(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // The terminal is closed, so that nobody sees the line.
  }
}
