/**
 * `--progress`: how much has gone each way, how fast, and how long the rest of a file will take.
 */
import { format as formatBytes } from "@std/fmt/bytes";
import type { Connection, Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { generalFlags } from "../options/general.ts";
import { inputSize, outputIsTerminal } from "../transports/stdio.ts";
import { tap } from "../wrap/tap.ts";
import type { talkFlags } from "./options.ts";
import { TerminalLine } from "./terminal_line.ts";

/** Time between two looks, milliseconds. */
const INTERVAL = 200;

const NEWLINE = 0x0a;

type ProgressOptions = Pick<
  OptionsOf<typeof talkFlags & typeof generalFlags>,
  "progress" | "logFormat"
>;

/** How a transfer stands. */
interface TransferState {
  /** Bytes, to all peers and from them. */
  readonly sent: number;
  readonly received: number;
  /** Bytes a second, both ways together. */
  readonly rate: number;
  /** Since the first connection. */
  readonly seconds: number;
  /** Bytes of stdin that have been read, and that there are, where it is a file. */
  readonly read: number;
  readonly size?: number;
}

/** What `--progress` shows: `sent 12 MB, received 0 B, 4 MB/s, 0:00:03, 25 %, ETA 0:00:09`. */
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

/** `h:mm:ss` */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => String(number % 60).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60))}:${two(whole)}`;
}

/**
 * Counts what goes to and comes from peers: a line that is rewritten where stderr is a terminal,
 * and one that stays, in the log, at the end.
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
  /** What the peer has said stands in the terminal's last line: it isn't ours to rewrite. */
  #lineTaken = false;

  private constructor(options: ProgressOptions, log: Log) {
    this.#line = TerminalLine.of(options, log);
  }

  /** The progress of a command; none where it isn't asked for. */
  static of(options: ProgressOptions, log: Log): Progress | undefined {
    return options.progress ? new Progress(options, log) : undefined;
  }

  /** The log that the command is to use meanwhile. */
  get log(): Log {
    return this.#line.log;
  }

  /** The same peer, counted. The clock starts with the first. */
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

  /** The same stdin, counted. */
  input(stdin: Duplex): Duplex {
    return tap(stdin, { received: (bytes) => void (this.#read += bytes.length) });
  }

  /** Leaves the last line. Idempotent. */
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

  /** With the rate since the last look. */
  #current(): string | undefined {
    if (this.#lineTaken) return undefined;
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
