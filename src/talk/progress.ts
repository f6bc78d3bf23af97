/** `--progress`: bytes and rate each way, and the time left for a file. */
import type { Connection, Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { type generalFlags, wantsColor } from "../options/general.ts";
import { inputSize, isInteractive, outputIsTerminal, stdio } from "../transports/stdio.ts";
import { stderrTenant } from "../transports/terminal.ts";
import { SharedLines } from "../wrap/prefix.ts";
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
  /** Bytes of stdin, where it is a file that is sent. */
  #size = inputSize();
  readonly #line: TerminalLine;
  readonly #counts: Record<Counted, number> = { up: 0, down: 0, read: 0 };
  #start: number | undefined;
  #rates: Rates<Counted> | undefined;
  /** Open connections of a relay that listens. */
  #open: number | undefined;
  /** Whether a person is typing in the row's place. */
  #isTyped = false;
  #hide = () => {};
  /** Writes to stdout that are under way, where that is a terminal. */
  #writing = 0;

  private constructor(
    { logFormat, color }: Pick<ProgressOptions, "logFormat" | "color">,
    private readonly log: Log,
  ) {
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

  /** The same peer with its bytes counted. The time starts with the first peer. */
  count(peer: Connection): Connection {
    this.#begin();
    return tap(peer, {
      sent: (bytes) => void (this.#counts.up += bytes.length),
      received: (bytes) => void (this.#counts.down += bytes.length),
    });
  }

  /** The same client of a relay with its bytes counted: up is what it sends. */
  countClient(client: Connection): Connection {
    this.#begin();
    const isStdio = client.framing === "stream" && client.peer === stdio.peer;
    const count = {
      sent: (bytes: Uint8Array) => void (this.#counts.down += bytes.length),
      received: (bytes: Uint8Array) => void (this.#counts.up += bytes.length),
    };
    if (isStdio) {
      this.#isTyped = isInteractive();
      return tap(this.ownEnd({ connection: client, lines: new SharedLines() }), count);
    }
    this.#size = undefined;
    this.#open = (this.#open ?? 0) + 1;
    return tap(client, { ...count, closed: () => void this.#open!-- });
  }

  /** The same stdin and stdout, with the bytes of stdin counted. What it writes has the line. */
  ownEnd({ connection, lines }: Pick<OwnEnd, "connection" | "lines">): Duplex {
    const received = (bytes: Uint8Array) => void (this.#counts.read += bytes.length);
    if (!outputIsTerminal()) return tap(connection, { received });
    const closed = () => void (lines.last = undefined);
    return tap(connection, {
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

  #begin(): void {
    if (this.#start !== undefined) return;
    this.#start = performance.now();
    this.#rates = new Rates(this.#start, { ...this.#counts });
    this.#hide = this.#line.refresh((columns) => this.#current(columns), INTERVAL);
  }

  /** Logs the totals. Idempotent. */
  finish(): void {
    if (this.#start === undefined) return;
    this.#hide();
    const seconds = (performance.now() - this.#start) / 1000;
    this.#start = undefined;
    const { up, down, read } = this.#counts;
    // A relay's sums are seen from the side that was accepted, as its metrics are.
    const [sent, received] = this.#open === undefined ? [up, down] : [down, up];
    const line = summaryLine({ sent, received, seconds, read, size: this.#size });
    this.log.info("progress", line, { sent, received, seconds });
  }

  /** The line's text; undefined where it can't be shown. */
  #current(columns: number): string | undefined {
    const now = performance.now();
    const { up, down, read } = this.#counts;
    const rates = this.#rates!.at(now, { ...this.#counts });
    if ((this.#writing > 0 || this.#isTyped) && !stderrTenant()) return undefined;
    const state = {
      up: { bytes: up, rate: rates.up },
      down: { bytes: down, rate: rates.down },
      open: this.#open,
      seconds: (now - this.#start!) / 1000,
      file: this.#size ? { bytes: read, rate: rates.read, size: this.#size } : undefined,
    };
    return progressRow(state, columns);
  }
}
