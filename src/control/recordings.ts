/**
 * `GET /recording`: what connections do from now on, as it grows. Of one connection, it begins with
 * what is kept of it.
 */
import { concat } from "../core/bytes.ts";
import { Notifier } from "../core/notifier.ts";
import { maskSecrets } from "../core/secrets.ts";
import { connectionRecorder } from "../record/connection_recorder.ts";
import {
  type EventBody,
  type RecordedEvent,
  secondsSince,
  type TimedStep,
} from "../record/event.ts";
import type { ConnectionRegistry } from "./connections.ts";
import type { History } from "./history.ts";
import { jsonError } from "./json_error.ts";
import type { KeptConnection } from "./kept_connection.ts";
import { type FormatMaker, RECORDING_FORMATS, type RecordingFormat } from "./recording_format.ts";
import type { TrackedConnection } from "./tracked_connection.ts";

/** Recordings at once. */
const MAX_RECORDINGS = 8;
/** The most that waits for a slow reader, bytes. */
const MAX_QUEUED = 4 * 2 ** 20;
/** Time without an event after which an empty line tells whether the reader is still there. */
const HEARTBEAT = 2000;

/** All recordings of one control that have a reader. */
export class Recordings {
  readonly #open = new Set<Recording>();

  constructor(
    private readonly connections: Pick<ConnectionRegistry, "watch">,
    private readonly history: Pick<History, "get" | "hold">,
  ) {}

  /**
   * Answers until `signal` aborts, or until the reader is too slow.
   *
   * @param proxy The name of the only proxy to record; undefined for all.
   * @param only The number of the only connection to record, after whose end nothing follows.
   */
  open(
    proxy: string | undefined,
    signal: AbortSignal,
    only?: number,
    make: FormatMaker = RECORDING_FORMATS.jsonl,
  ): Response {
    if (this.#open.size >= MAX_RECORDINGS) {
      return jsonError(503, `${MAX_RECORDINGS} recordings have a reader already`);
    }
    const kept = only === undefined ? undefined : this.history.get(only);
    const format = make(kept?.began ?? Date.now());
    const recording = new Recording(proxy, only, format);
    recording.begin(kept, this.history, this.connections);
    this.#open.add(recording);
    const end = () => {
      this.#open.delete(recording);
      recording.end();
    };
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const bytes = await recording.take();
        if (bytes) return controller.enqueue(bytes);
        end();
        controller.close();
      },
      cancel: end,
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "Content-Type": format.contentType } });
  }

  /** Ends the recordings of a proxy that was removed. */
  removed(proxy: string): void {
    for (const recording of this.#open) if (recording.proxy === proxy) recording.end();
  }
}

/** The step that says which target a client is joined to. */
function connectedStep(t: number, peer: string): TimedStep {
  return { t, step: "connected", leg: "target", address: maskSecrets(peer) };
}

/** One recording, as far as its reader hasn't taken it. */
class Recording {
  readonly #start = performance.now();
  readonly #change = new Notifier();
  #watching: Disposable | undefined;
  #pieces: Uint8Array[] = [];
  #queued = 0;
  /** The connection of the last line, whose `open` stands in the recording. */
  #lastId = 1;
  #ended = false;

  constructor(
    readonly proxy: string | undefined,
    private readonly only: number | undefined,
    private readonly format: RecordingFormat,
  ) {
    if (format.header) this.#push(format.header);
  }

  /** Watches connections, or one of which something is kept. */
  begin(
    kept: KeptConnection | undefined,
    history: Pick<History, "hold">,
    connections: Pick<ConnectionRegistry, "watch">,
  ): void {
    this.#watching = kept
      ? this.#follow(kept, history)
      : connections.watch((connection) => this.#observer(connection));
    if (this.#ended) this.end(); // The connection is over, and this is all there is of it.
  }

  /** Watches nothing more; what waits can still be taken. */
  end(): void {
    this.#ended = true;
    this.#watching?.[Symbol.dispose]();
    this.#change.notify();
  }

  /** All that waits, or what says nothing after a while without; undefined at the end. */
  async take(): Promise<Uint8Array | undefined> {
    const { nothing } = this.format;
    while (this.#queued === 0 && !this.#ended) {
      if (!nothing) await this.#change.wait();
      else if (!await this.#change.waitWithin(HEARTBEAT)) return nothing;
    }
    if (this.#queued === 0) return undefined;
    const bytes = concat(this.#pieces);
    this.#pieces = [];
    this.#queued = 0;
    return bytes;
  }

  /** Gives what is kept of a connection, and what follows, as long as nobody else needs to look. */
  #follow(kept: KeptConnection, history: Pick<History, "hold">): Disposable {
    const holding = history.hold();
    const following = kept.follow({
      take: (event) => this.#write(event, []),
      over: () => this.end(),
    });
    return {
      [Symbol.dispose]() {
        following[Symbol.dispose]();
        holding[Symbol.dispose]();
      },
    };
  }

  #observer({ id, proxy, connection, local, info, connectedTarget, client }: TrackedConnection) {
    if (this.proxy !== undefined && this.proxy !== proxy) return undefined;
    if (this.only !== undefined && this.only !== id) return undefined;
    const over = () => this.end();
    // What it still does can't be told from its beginning, but its end can.
    if (info.state === "closing") return this.only === undefined ? undefined : { over };
    const now = () => secondsSince(this.#start, performance.now());
    let steps: TimedStep[] = [];
    const connected = (peer: string) => void steps.push(connectedStep(now(), peer));
    const omitted = { in: client.traffic.received, out: client.traffic.sent };
    const isLate = this.only !== undefined && omitted.in + omitted.out > 0;
    const write = (body: EventBody) => {
      const whole = isLate && body.event === "open" ? { ...body, omitted } : body;
      this.#write({ t: now(), id, ...whole }, steps);
      steps = [];
    };
    if (connectedTarget) connected(connectedTarget.peer);
    const recorder = connectionRecorder(connection, { peerSide: "in", local }, write);
    const observer = { ...recorder, connected };
    return this.only === undefined ? observer : { ...observer, over };
  }

  #write(event: RecordedEvent, steps: readonly TimedStep[]): void {
    if (this.#ended) return;
    const piece = this.format.format(event, steps);
    // One event of any length is taken, or a long message would look like a slow reader.
    if (this.#queued === 0 || this.#queued + piece.length <= MAX_QUEUED) {
      this.#lastId = event.id;
      return this.#push(piece);
    }
    const text = "the reader was too slow: the recording ends here";
    this.#push(this.format.format({ t: event.t, id: this.#lastId, event: "error", text }, []));
    this.end();
  }

  #push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#queued += piece.length;
    this.#change.notify();
  }
}
