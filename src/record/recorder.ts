/** `--record`: writes what connections do to a file, line by line, while they do it. */
import type { Connection } from "../core/duplex.ts";
import { LocalError, LoggedError } from "../core/errors.ts";
import type { Event, Log } from "../core/log.ts";
import { reasonOfSystem } from "../transports/system_reason.ts";
import type { Observer } from "../wrap/tap.ts";
import { connectionRecorder } from "./connection_recorder.ts";
import { type EventBody, formatEvent, secondsSince, type Side } from "./event.ts";
import { Sink } from "./sink.ts";
import { NEVER_OPEN, PendingSteps, stepOf } from "./steps.ts";

const REMOVED = "the file has been removed meanwhile";
/** Time between two checks whether the file still exists, milliseconds. */
const CHECK_INTERVAL = 100;

/**
 * Records any number of connections in one file. A recording that fails doesn't disturb them: only
 * `finish` rejects with its failure, so that the connections' own errors come first.
 */
export class Recorder implements AsyncDisposable {
  readonly #start = performance.now();
  readonly #encoder = new TextEncoder();
  #sink: Sink | undefined;
  #failure: LocalError | undefined;
  #empty = true;
  readonly #pending = new PendingSteps();
  /** Numbers of the connections that are open. */
  readonly #open = new Set<number>();
  /** When the file was last seen to exist, milliseconds of `performance.now()`. */
  #checkedAt = this.#start;

  /** Creates the file; `force` overwrites an existing one. Throws a `LocalError`. */
  constructor(
    private readonly path: string,
    private readonly force: boolean,
    private readonly log: Log,
  ) {
    this.#sink = new Sink(path, force, (error) => this.#abort(reasonOfSystem(error), error));
  }

  /**
   * The same log, whose steps of connections are recorded.
   *
   * @param only The number of the connection that events without one are about.
   */
  follow(log: Log, only?: number): Log {
    return log.observed((event) => this.#onEvent(event, event.id ?? only));
  }

  /**
   * An observer that records `connection` as number `id`.
   *
   * @param peerSide The side of its peer.
   * @param local Our address.
   */
  connection(
    connection: Connection,
    id: number,
    peerSide: Side,
    local: string | undefined = connection.local,
  ): Observer {
    this.#open.add(id);
    return connectionRecorder(connection, { peerSide, local }, (body) => {
      this.#write(id, body);
      if (body.event === "close") this.#open.delete(id);
    });
  }

  /** Finishes the recording. Rejects with the failure that stopped it, if there was one. */
  async finish(): Promise<void> {
    await this[Symbol.asyncDispose]();
    if (this.#failure) throw new LoggedError(this.#failure);
  }

  /**
   * Finishes the recording, and never rejects. A file without an event is removed: after a refused
   * connection, the next attempt would fail because the file exists.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const sink = this.#sink;
    if (!sink) return;
    const isRemoved = !this.#empty && sink.isRemoved;
    this.#sink = undefined;
    try {
      if (this.#empty && !this.force) sink.remove();
      await sink.finish();
      if (isRemoved) this.#fail(REMOVED);
    } catch (error) {
      this.#fail(reasonOfSystem(error as Error), error);
    }
  }

  /**
   * Writes one event, synchronously where the sink is a file: lines stay in order without a queue
   * that a slow disk could make grow, and are complete even if a signal kills the program.
   */
  #write(id: number, body: EventBody): void {
    if (!this.#sink) return;
    this.#empty = false;
    const now = performance.now();
    const t = secondsSince(this.#start, now);
    const steps = body.event === "open" ? this.#pending.takeFirst(id) : this.#pending.take(id);
    try {
      this.#sink.write(this.#encoder.encode(formatEvent({ t, id, ...body }, steps)));
      if (now - this.#checkedAt > CHECK_INTERVAL) this.#checkFile(now);
    } catch (error) {
      this.#abort(reasonOfSystem(error as Error), error);
    }
  }

  #onEvent(event: Event, id: number | undefined): void {
    if (id === undefined || !this.#sink) return;
    const step = stepOf(event);
    if (step) this.#pending.add(id, { t: secondsSince(this.#start, performance.now()), ...step });
    else if (NEVER_OPEN.has(event.event) && !this.#open.has(id)) this.#pending.drop(id);
  }

  #checkFile(now: number): void {
    if (this.#sink!.isRemoved) this.#abort(REMOVED);
    else this.#checkedAt = now;
  }

  /** Stops recording and goes on carrying: a full disk must not cut the traffic. */
  #abort(reason: string, cause?: unknown): void {
    this.#sink?.close();
    this.#sink = undefined;
    this.#fail(reason, cause);
  }

  #fail(reason: string, cause?: unknown): void {
    this.#failure = new LocalError("record", this.path, reason, { cause });
    this.log.error("record-failed", `${this.#failure.message}; the recording ends here`, {
      error: this.#failure.message,
    });
  }
}
