/** `--progress`: bytes each way, their rate, and the time left for a file. */
import { format as formatBytes } from "@std/fmt/bytes";
import type { Connection, Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { generalFlags } from "../options/general.ts";
import { inputSize, outputIsTerminal } from "../transports/stdio.ts";
import { stderrTenant } from "../transports/terminal.ts";
import { tap } from "../wrap/tap.ts";
import type { talkFlags } from "./options.ts";
import { TerminalLine } from "./terminal_line.ts";

/** Time between two updates of the line, milliseconds. */
const INTERVAL = 200;

const NEWLINE = 0x0a;

type ProgressOptions = Pick<
  OptionsOf<typeof talkFlags & typeof generalFlags>,
  "progress" | "logFormat"
>;

/** Figures of a transfer. */
interface TransferState {
  /** Bytes sent to all peers, and received from them. */
  readonly sent: number;
  readonly received: number;
  /** Bytes per second, both ways together. */
  readonly rate: number;
  /** Time since the first connection. */
  readonly seconds: number;
  /** Bytes of stdin that have been read, and the size of stdin where it is a file. */
  readonly read: number;
  readonly size?: number;
}

/** Formats `sent 12 MB, received 0 B, 4 MB/s, 0:00:03, 25 %, ETA 0:00:09`. */
export function progressLine(state: TransferState): string {
  const { sent, received, rate, seconds, read, size } = state;
  const parts = [
    `sent ${formatBytes(sent)}`,
    `received ${formatBytes(received)}`,
    `${formatBytes(rate)}/s`,
    clock(seconds),
  ];
  if (size) {
    parts.push(`${Math.min(100, Math.floor(read / size * 100))} %`);
    if (read > 0 && read < size) parts.push(`ETA ${clock((size - read) * seconds / read)}`);
  }
  return parts.join(", ");
}

/** Formats seconds as `h:mm:ss`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => String(number % 60).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60))}:${two(whole)}`;
}

/**
 * Counts bytes to and from peers. Shows them in a status line where stderr is a terminal, and logs
 * the totals when it finishes.
 */
export class Progress {
  readonly #size = inputSize();
  readonly #line: TerminalLine;
  #sent = 0;
  #received = 0;
  #read = 0;
  #start: number | undefined;
  #before = { moved: 0, time: 0 };
  #hide = () => {};
  /** Whether the terminal's last line has received text, which must not be overwritten. */
  #lineTaken = false;

  private constructor(options: ProgressOptions, log: Log) {
    this.#line = TerminalLine.of(options, log);
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
      this.#start = this.#before.time = performance.now();
      this.#hide = this.#line.refresh(() => this.#current(), INTERVAL);
    }
    return tap(peer, {
      sent: (bytes) => void (this.#sent += bytes.length),
      received: (bytes) => this.#countReceived(bytes),
    });
  }

  /** The same stdin with its bytes counted. */
  input(stdin: Duplex): Duplex {
    return tap(stdin, { received: (bytes) => void (this.#read += bytes.length) });
  }

  /** Logs the totals. Idempotent. */
  finish(): void {
    if (this.#start === undefined) return;
    this.#hide();
    const seconds = (performance.now() - this.#start) / 1000;
    this.#start = undefined;
    const [sent, received] = [this.#sent, this.#received];
    const line = this.#format((sent + received) / Math.max(seconds, 0.001), seconds);
    this.log.info("progress", line, { sent, received, seconds });
  }

  #countReceived(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (bytes.length === 0 || !outputIsTerminal()) return;
    this.#line.clear();
    this.#lineTaken = bytes.at(-1) !== NEWLINE;
  }

  /** The line's text, with the rate since the last update; undefined where it can't be shown. */
  #current(): string | undefined {
    if (this.#lineTaken && !stderrTenant()) return undefined;
    const now = performance.now();
    const moved = this.#sent + this.#received;
    const rate = (moved - this.#before.moved) / (now - this.#before.time) * 1000;
    this.#before = { moved, time: now };
    return this.#format(rate, (now - this.#start!) / 1000);
  }

  #format(rate: number, seconds: number): string {
    const [sent, received, read] = [this.#sent, this.#received, this.#read];
    return progressLine({ sent, received, rate, seconds, read, size: this.#size });
  }
}
