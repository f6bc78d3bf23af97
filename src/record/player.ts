/**
 * Plays one side of a recorded connection. Sending keeps to the recorded times and to causality:
 * what was sent after n bytes had been received is sent only after n bytes have been received.
 */
import type { Connection, Message } from "../core/duplex.ts";
import { CloseError, isQuiet, ResetError, TimeoutError, UsageError } from "../core/errors.ts";
import { Notifier } from "../core/notifier.ts";
import { ResetFaultError } from "../core/resets.ts";
import { settledWithin, sleep } from "../core/time.ts";
import { canSend, NORMAL } from "../ws/close.ts";
import { idle } from "../wrap/idle.ts";
import { Check, type DifferenceError, isSameEnd } from "./check.ts";
import type { Turns } from "./order.ts";
import { type End, endStep, type Script, type Step } from "./script.ts";

export interface PlayOptions {
  /** Recorded times are divided by it; with `Infinity`, only causality delays a step. */
  readonly speed: number;
  /** Compare what is received with the recording. */
  readonly check: boolean;
  /** Silence after which the connection is closed, milliseconds. */
  readonly idleTimeout: number | undefined;
  /** What other connections have to have done before each step. */
  readonly turns?: Turns;
}

/** Silence beyond the longest recorded pause after which the connection is closed, ms. */
const PATIENCE = 10_000;

/** Time for the peer to close beyond the longest recorded pause, milliseconds. */
const END_TIME = 1000;

/** What was transferred in each direction, in bytes or messages. */
interface Totals {
  readonly sent: number;
  readonly received: number;
}

/**
 * Plays `script` on `connection`, then closes it. It can't hang: EOF releases every step that waits
 * for more from the peer, and silence closes the connection. Rejects with a `DifferenceError` where
 * `check` finds one, a `TimeoutError`, or the connection's own error.
 */
export async function play(
  connection: Connection,
  script: Script,
  options: PlayOptions,
): Promise<Totals> {
  if (script.framing && script.framing !== connection.framing) {
    const [carries, recorded] = script.framing === "stream"
      ? ["messages", "bytes"]
      : ["bytes", "messages"];
    connection.close();
    throw new UsageError(connection.peer, `carries ${carries}, but the recording has ${recorded}`);
  }
  const check = options.check ? new Check(script, connection.peer) : undefined;
  const timeout = options.idleTimeout ?? PATIENCE + script.longestPause / options.speed;
  const timeoutError = () =>
    check?.missing() ??
      new TimeoutError("idle", connection.peer, `silent for ${(timeout / 1000).toFixed(1)} s`);
  const { speed, turns } = options;
  // Who waits for others isn't silent; one of them is, and is closed for it.
  const since = () => turns?.isWaiting ? performance.now() : -Infinity;
  const watched = idle(connection, timeout, timeoutError, since);
  return await new Player(watched, script, speed, check, turns).play();
}

class Player {
  #received = 0;
  #sent = 0;
  #receivedEof = false;
  /** How the peer has ended, once that is as recorded, or is compared. */
  #peerEnd: End | undefined;
  readonly #changed = new Notifier();
  /** Aborts when receiving fails, or `check` finds a difference. */
  readonly #failed = new AbortController();

  constructor(
    private readonly connection: Connection,
    private readonly script: Script,
    private readonly speed: number,
    private readonly check: Check | undefined,
    private readonly turns: Turns | undefined,
  ) {}

  async play(): Promise<Totals> {
    const { connection, script } = this;
    const receiving = this.#receive();
    try {
      await this.#playSteps();
      await this.#waitForReceived(script.total, false);
      await this.#waitForPeersEnd();
      const difference = this.#difference();
      if (difference) throw difference;
      connection.close(this.#closeReason());
    } catch (error) {
      const { aborted, reason } = this.#failed.signal;
      const failure = (aborted ? reason : error) as Error;
      connection.close(failure);
      throw isQuiet(failure) || this.#peerEnd ? this.#difference() ?? failure : failure;
    } finally {
      await receiving;
    }
    await connection.closed;
    return { sent: this.#sent, received: this.#received };
  }

  async #playSteps(): Promise<void> {
    const start = performance.now();
    for (const step of this.script.steps) {
      const wait = start + step.at / this.speed - performance.now();
      if (wait > 0) await sleep(wait, this.#failed.signal);
      await this.#waitForReceived(step.received, step.receivedEof);
      await this.turns?.next(this.#failed.signal);
      if (step.kind === "send") await this.#send(step);
      else if (step.kind === "half-close") await this.connection.closeWrite();
      else return;
      this.turns?.stepped();
    }
  }

  /** What is missing of what the peer has sent, or else how it has ended instead. */
  #difference(): DifferenceError | undefined {
    return this.check?.missing() ?? (this.#peerEnd && this.check?.otherEnd(this.#peerEnd));
  }

  /** The reason that makes a close the recorded one: its code where that may be sent, a reset. */
  #closeReason(): Error | undefined {
    const { code, reset } = endStep(this.script)?.end ?? {};
    const { peer } = this.connection;
    if (code !== undefined && canSend(code)) {
      return code === NORMAL.code ? undefined : new CloseError(peer, code, "");
    }
    return reset ? new ResetFaultError("close", peer, "reset, as recorded") : undefined;
  }

  async #send({ payload }: Step): Promise<void> {
    if (this.connection.framing === "stream") {
      await this.connection.write(payload.data);
      this.#sent += payload.data.length;
    } else {
      await this.connection.send(payload);
      this.#sent++;
    }
  }

  /** Waits until `count` bytes or messages have been received, and with `eof` until EOF. */
  async #waitForReceived(count: number, eof: boolean): Promise<void> {
    const { signal } = this.#failed;
    for (;;) {
      signal.throwIfAborted();
      if (this.#receivedEof || (this.#received >= count && !eof)) return;
      await this.#changed.wait();
    }
  }

  /**
   * Waits for the peer's end where it is recorded. Another peer than that one need not close by
   * itself, as an echo doesn't: unless that is compared, it gets a while, and is closed.
   */
  async #waitForPeersEnd(): Promise<void> {
    const { total, expectsEof, peerEnd, framing, longestPause } = this.script;
    if (!expectsEof && !peerEnd) return;
    const ended = this.#waitForReceived(total, true);
    if (this.check || (expectsEof && framing === "stream")) return await ended;
    await settledWithin(ended, END_TIME + longestPause / this.speed);
    this.#failed.signal.throwIfAborted();
  }

  /** Receives until EOF. A failure aborts `#failed` and closes the connection. */
  async #receive(): Promise<void> {
    try {
      if (this.connection.framing === "stream") {
        const buffer = new Uint8Array(64 * 1024);
        for (
          let n = await this.connection.read(buffer);
          n !== null;
          n = await this.connection.read(buffer)
        ) {
          this.#take(n, (check) => check.bytes(buffer.subarray(0, n!)));
        }
      } else {
        for (
          let m = await this.connection.receive();
          m !== null;
          m = await this.connection.receive()
        ) {
          this.#take(1, (check) => check.message(m as Message));
        }
      }
      this.#ended(this.connection.framing === "message" ? { code: this.connection.closeCode } : {});
    } catch (error) {
      if (!this.#isExpectedEnd(error as Error)) {
        this.#failed.abort(error);
        this.connection.close(error as Error); // Sending may be waiting for the peer.
      }
    }
    this.#changed.notify();
  }

  #ended(end: End): void {
    this.#receivedEof = true;
    this.#peerEnd = end;
  }

  /** Whether a failure is how the peer ended in the recording, or is compared with that. */
  #isExpectedEnd(error: Error): boolean {
    const { peerEnd } = this.script;
    const end = error instanceof CloseError
      ? { code: error.code }
      : error instanceof ResetError
      ? { reset: true }
      : undefined;
    if (!peerEnd || !end || !(this.check || isSameEnd(peerEnd, end))) return false;
    this.#ended(end);
    return true;
  }

  #take(count: number, compare: (check: Check) => void): void {
    if (this.check) compare(this.check);
    this.#received += count;
    this.turns?.received(this.#received);
    this.#changed.notify();
  }
}
