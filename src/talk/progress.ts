/** `--progress`: bytes and rate each way, and the time left for a file. */
import type { Connection, Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { type generalFlags, wantsColor } from "../options/general.ts";
import { inputSize, outputIsTerminal } from "../transports/stdio.ts";
import { stderrTenant } from "../transports/terminal.ts";
import { tap } from "../wrap/tap.ts";
import type { talkFlags } from "./options.ts";
import type { OwnEnd } from "./own_end.ts";
import { paintBar, progressRow, summaryLine } from "./progress_line.ts";
import { Rates } from "./rates.ts";
import { TerminalLine } from "./terminal_line.ts";

/** Time between two updates of the line, milliseconds. */
const INTERVAL = 200;

const NEWLINE = 0x0a;

type ProgressOptions = Pick<
  OptionsOf<typeof talkFlags & typeof generalFlags>,
  "progress" | "logFormat" | "color"
>;

/** Bytes that are counted: to peers, from them, and of stdin. */
type Counted = "up" | "down" | "read";

/**
 * Counts bytes to and from peers. Shows them in a status line where stderr is a terminal, and logs
 * the totals when it finishes.
 */
export class Progress {
  readonly #size = inputSize();
  readonly #line: TerminalLine;
  readonly #counts: Record<Counted, number> = { up: 0, down: 0, read: 0 };
  #start: number | undefined;
  #rates: Rates<Counted> | undefined;
  #hide = () => {};
  /** Writes to stdout that are under way, where that is a terminal. */
  #writing = 0;

  private constructor({ logFormat, color }: ProgressOptions, log: Log) {
    this.#line = TerminalLine.of(
      { logFormat },
      log,
      wantsColor(color, true) ? paintBar : undefined,
    );
  }

  /** The progress of a command; undefined without `--progress`. */
  static of(options: ProgressOptions, log: Log): Progress | undefined {
    return options.progress ? new Progress(options, log) : undefined;
  }

  /** The log that the command must use, so that its lines don't mix with the progress line. */
  get log(): Log {
    return this.#line.log;
  }

  /** The same peer with its bytes counted. The time starts with the first peer. */
  count(peer: Connection): Connection {
    if (this.#start === undefined) {
      this.#start = performance.now();
      this.#rates = new Rates(this.#start, { ...this.#counts });
      this.#hide = this.#line.refresh((columns) => this.#current(columns), INTERVAL);
    }
    return tap(peer, {
      sent: (bytes) => void (this.#counts.up += bytes.length),
      received: (bytes) => void (this.#counts.down += bytes.length),
    });
  }

  /** The same stdin and stdout, with the bytes of stdin counted. What it writes has the line. */
  ownEnd({ connection: stdio, lines }: Pick<OwnEnd, "connection" | "lines">): Duplex {
    const received = (bytes: Uint8Array) => void (this.#counts.read += bytes.length);
    if (!outputIsTerminal()) return tap(stdio, { received });
    const closed = () => void (lines.last = undefined);
    return tap(stdio, {
      received,
      sending: () => {
        this.#writing++;
        this.#line.clear();
      },
      sent: (bytes) => {
        this.#writing--;
        if (bytes.length > 0) this.#line.taken = bytes.at(-1) === NEWLINE ? undefined : closed;
      },
    });
  }

  /** Logs the totals. Idempotent. */
  finish(): void {
    if (this.#start === undefined) return;
    this.#hide();
    const seconds = (performance.now() - this.#start) / 1000;
    this.#start = undefined;
    const { up: sent, down: received, read } = this.#counts;
    const line = summaryLine({ sent, received, seconds, read, size: this.#size });
    this.log.info("progress", line, { sent, received, seconds });
  }

  /** The line's text; undefined where it can't be shown. */
  #current(columns: number): string | undefined {
    const now = performance.now();
    const { up, down, read } = this.#counts;
    const rates = this.#rates!.at(now, { ...this.#counts });
    if (this.#writing > 0 && !stderrTenant()) return undefined;
    const state = {
      up: { bytes: up, rate: rates.up },
      down: { bytes: down, rate: rates.down },
      seconds: (now - this.#start!) / 1000,
      file: this.#size ? { bytes: read, rate: rates.read, size: this.#size } : undefined,
    };
    return progressRow(state, columns);
  }
}
