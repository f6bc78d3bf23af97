/** `POST /replay`: plays a recording's clients through a proxy, and tells how each went. */
import { onAbort } from "../core/abort.ts";
import { escapeJson } from "../core/escape.ts";
import type { Connection } from "../core/duplex.ts";
import { CoaxError, isQuiet, reasonOf, SessionOverError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Notifier } from "../core/notifier.ts";
import { maskSecrets } from "../core/secrets.ts";
import { HttpError } from "../http/http_error.ts";
import { DifferenceError } from "../record/check.ts";
import type { RecordedEvent } from "../record/event.ts";
import { checkPlayable, playClients } from "../record/playback.ts";
import type { Turns } from "../record/order.ts";
import { play, type PlayOptions } from "../record/player.ts";
import type { Script } from "../record/script.ts";
import { badBody } from "./json_input.ts";

/** Recordings that are played at once. */
const MAX_REPLAYS = 4;
/** The most connections of a recording. */
const MAX_CONNECTIONS = 1000;
/** Time without a result after which an empty line tells whether the reader is still there. */
const HEARTBEAT = 2000;

const encoder = new TextEncoder();

/** The proxy through which a recording is played. */
export interface Replayed {
  readonly name: string;
  /** Connects as a client of it. */
  connect(signal: AbortSignal): Promise<Connection>;
}

/** How one connection went: as recorded, or why not. */
interface Result {
  readonly connection: number;
  /** What was transferred, in bytes or messages; missing where the peer has ended it. */
  readonly sent?: number;
  readonly received?: number;
  readonly error?: string;
  /** The first difference: lines that show both. */
  readonly dump?: readonly string[];
}

/** All replays of one control. */
export class Replays {
  #running = 0;

  constructor(private readonly log: Log) {}

  /**
   * Answers with a line for each connection, and a last one, until `signal` aborts, which closes
   * all that are open. Throws an `HttpError`.
   *
   * @param speed Recorded times are divided by it.
   */
  open(
    proxy: Replayed,
    events: readonly RecordedEvent[],
    speed: number,
    signal: AbortSignal,
  ): Response {
    const count = new Set(events.map(({ id }) => id)).size;
    if (count === 0) throw badBody("no connection was recorded");
    if (count > MAX_CONNECTIONS) {
      throw badBody(`${count} connections, at most ${MAX_CONNECTIONS}`);
    }
    checkPlayable(events, badBody);
    if (this.#running >= MAX_REPLAYS) {
      throw new HttpError(503, `${MAX_REPLAYS} recordings are played already`);
    }
    this.#running++;
    const replay = new Replay(proxy, signal);
    void replay.run(events, speed, this.log).finally(() => this.#running--);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const lines = await replay.take();
        if (lines === undefined) controller.close();
        else controller.enqueue(encoder.encode(lines));
      },
      cancel: () => replay.cancel(),
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "Content-Type": "application/jsonl" } });
  }
}

/** One replay, and the results that its reader hasn't taken. */
class Replay {
  readonly #stop = new AbortController();
  readonly #change = new Notifier();
  #lines = "";
  #isOver = false;
  #failures = 0;

  constructor(private readonly proxy: Replayed, private readonly signal: AbortSignal) {}

  /** Plays all connections. Never rejects. */
  async run(events: readonly RecordedEvent[], speed: number, log: Log): Promise<void> {
    const { name } = this.proxy;
    using _ = onAbort(this.signal, () => this.cancel());
    const { signal: stop } = this.#stop;
    let connections = 0;
    const playing = async (
      script: Script,
      open: () => Promise<Connection>,
      turns: Turns | undefined,
    ) => {
      const result = await this.#play(script, open, { speed, turns });
      connections++;
      if (!stop.aborted) this.#tell(result);
    };
    const connect = () => this.#connect();
    await playClients(events, { speed, stop, connect, play: playing });
    if (!stop.aborted) {
      this.#tell({ connections, same: this.#failures === 0 });
      const how = this.#failures === 0 ? "as recorded" : `${this.#failures} not as recorded`;
      log.info("replayed", `${name}: replayed ${connections} connections, ${how}`, { proxy: name });
    }
    this.#isOver = true;
    this.#change.notify();
  }

  /** Closes all connections; nothing more is told. */
  cancel(): void {
    const why = "whoever replays has left";
    this.#stop.abort(new SessionOverError("close", this.proxy.name, why));
  }

  /** All results that wait, or an empty line after a while without; undefined at the end. */
  async take(): Promise<string | undefined> {
    if (this.#lines === "" && !this.#isOver) await this.#change.waitWithin(HEARTBEAT);
    const lines = this.#lines;
    this.#lines = "";
    return lines || (this.#isOver ? undefined : "\n");
  }

  async #connect(): Promise<Connection> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    return await this.proxy.connect(signal);
  }

  async #play(
    script: Script,
    open: () => Promise<Connection>,
    how: Pick<PlayOptions, "speed" | "turns">,
  ): Promise<Result> {
    const { id } = script;
    try {
      const connection = await open();
      const { signal } = this.#stop;
      using _ = onAbort(signal, () => connection.close(signal.reason));
      const totals = await play(connection, script, {
        ...how,
        check: true,
        idleTimeout: undefined,
      });
      return { connection: id, ...totals };
    } catch (error) {
      if (isQuiet(error)) return { connection: id };
      this.#failures++;
      const reason = error instanceof CoaxError ? reasonOf(error) : "internal error";
      const isFirst = this.#failures === 1 && error instanceof DifferenceError;
      return { connection: id, error: maskSecrets(reason), dump: isFirst ? error.dump : undefined };
    }
  }

  #tell(line: unknown): void {
    this.#lines += escapeJson(JSON.stringify(line)) + "\n";
    this.#change.notify();
  }
}
