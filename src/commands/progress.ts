/** `--progress`: how much has gone each way, how fast, and how long the rest of a file will take. */
import { format as formatBytes } from "@std/fmt/bytes";
import type { Duplex, End } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import { inputSize, outputIsTerminal } from "../transports/stdio.ts";
import { tap } from "../wrap/tap.ts";

/** Time between two looks, milliseconds. */
const INTERVAL = 200;

/** To the start of the line, and nothing behind what follows (ECMA-48 §8.3.41). */
const CLEAR = "\r\x1b[K";

const NEWLINE = 0x0a;

interface ProgressOptions {
  readonly progress: boolean;
  readonly logFormat: "text" | "json";
}

/** How a transfer stands. */
export interface Standing {
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
export function progressLine(standing: Standing): string {
  const { sent, received, rate, seconds, read, size } = standing;
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
  #sent = 0;
  #received = 0;
  #read = 0;
  #start: number | undefined;
  #before = { moved: 0, time: 0 };
  #timer: number | undefined;
  #shown = false;
  /** What the peer has said stands in the terminal's last line: it isn't ours to rewrite. */
  #lineTaken = false;
  /** The log of the command: what it tells goes above the line. */
  readonly log: Log;

  constructor(private readonly rewrites: boolean, log: Log) {
    this.log = log.observed(({ level }) => log.enabled(level) && this.#clear());
  }

  /** The progress of a command; none where it isn't asked for. */
  static of({ progress, logFormat }: ProgressOptions, log: Log): Progress | undefined {
    if (!progress) return undefined;
    const rewrites = logFormat === "text" && log.enabled("info") && Deno.stderr.isTerminal();
    return new Progress(rewrites, log);
  }

  /** The same peer, counted. The clock starts with the first. */
  watch(peer: End): End {
    if (this.#start === undefined) {
      this.#start = this.#before.time = performance.now();
      if (this.rewrites) this.#timer = setInterval(() => this.#show(), INTERVAL);
    }
    return tap(peer, {
      sent: (bytes) => void (this.#sent += bytes.length),
      received: (bytes) => this.#hear(bytes),
    });
  }

  /** The same stdin, counted. */
  input(stdin: Duplex): Duplex {
    return tap(stdin, { received: (bytes) => void (this.#read += bytes.length) });
  }

  /** Leaves the last line. Idempotent. */
  end(): void {
    if (this.#start === undefined) return;
    clearInterval(this.#timer);
    const seconds = (performance.now() - this.#start) / 1000;
    this.#start = undefined;
    const [sent, received] = [this.#sent, this.#received];
    const rate = (sent + received) / Math.max(seconds, 0.001);
    const line = progressLine({
      sent,
      received,
      rate,
      seconds,
      read: this.#read,
      size: this.#size,
    });
    this.log.info("progress", line, { sent, received, seconds });
  }

  #hear(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (!this.rewrites || bytes.length === 0 || !outputIsTerminal()) return;
    this.#clear();
    this.#lineTaken = bytes.at(-1) !== NEWLINE;
  }

  #show(): void {
    if (this.#lineTaken) return;
    const now = performance.now();
    const [sent, received] = [this.#sent, this.#received];
    const rate = (sent + received - this.#before.moved) / (now - this.#before.time) * 1000;
    this.#before = { moved: sent + received, time: now };
    const seconds = (now - this.#start!) / 1000;
    const line = progressLine({
      sent,
      received,
      rate,
      seconds,
      read: this.#read,
      size: this.#size,
    });
    this.#write(CLEAR + line);
    this.#shown = true;
  }

  #clear(): void {
    if (this.#shown) this.#write(CLEAR);
    this.#shown = false;
  }

  #write(text: string): void {
    try {
      Deno.stderr.writeSync(new TextEncoder().encode(text));
    } catch {
      // The terminal has gone; whoever watched has, too.
    }
  }
}
