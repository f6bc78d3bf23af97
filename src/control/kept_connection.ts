/** One connection as it is kept while somebody looks: its latest events, and how it has ended. */
import type { EventBody, RecordedEvent, SocketStep } from "../record/event.ts";
import { LatestEvents } from "../record/latest_events.ts";
import type { ConnectionInfo, TrackedConnection } from "./tracked_connection.ts";

/** A connection that is over, as `GET /connections?closed` shows it. */
export interface ClosedConnection extends Omit<ConnectionInfo, "state"> {
  readonly state: "closed";
  /** When both of its sides were closed (RFC 3339). */
  readonly until: string;
  /** What has ended it, where that wasn't its peers' plain end. */
  readonly error?: string;
  /** The exit status that stands for that kind of error. */
  readonly status?: number;
  /** Whether its client has sent or seen a reset. */
  readonly reset?: boolean;
}

/** Who gets the events of a connection. */
export interface Follower {
  take(event: RecordedEvent): void;
  /** Nothing follows. */
  over(): void;
}

export class KeptConnection {
  readonly #latest = new LatestEvents();
  readonly #followers = new Set<Follower>();
  readonly id: number;
  readonly proxy: string;
  /** Until it is over: then nothing of it stays in memory but this. */
  #connection: TrackedConnection | undefined;
  #failure: Extract<EventBody, { event: "error" }> | undefined;
  #wasReset = false;
  #end: ClosedConnection | undefined;

  /**
   * @param begin When it began, in seconds of `performance.now()`.
   * @param grown Called with each change of `size`.
   */
  constructor(
    connection: TrackedConnection,
    private readonly begin: number,
    private readonly grown: (bytes: number) => void,
  ) {
    this.#connection = connection;
    this.id = connection.id;
    this.proxy = connection.proxy;
  }

  /** Memory for its payload, bytes. */
  get size(): number {
    return this.#latest.size;
  }

  /** When it began, milliseconds since the beginning of 1970. */
  get began(): number {
    return performance.timeOrigin + this.begin * 1000;
  }

  /** How it has ended, once both of its sides are closed. */
  get end(): ClosedConnection | undefined {
    return this.#end;
  }

  /** Adds what happens now, or at `time` in seconds of `performance.now()`. */
  add(
    body: EventBody | ({ event: "step" } & SocketStep),
    time = performance.now() / 1000,
  ): void {
    const t = Math.max(0, Math.round((time - this.begin) * 1e6) / 1e6);
    const event: RecordedEvent = { t, id: this.id, ...body };
    if (event.event === "error") this.#failure = event;
    else if (event.event === "close") this.#wasReset = event.reset === true;
    const before = this.#latest.size;
    this.#latest.add(event);
    this.grown(this.#latest.size - before);
    for (const follower of this.#followers) follower.take(event);
  }

  /** Forgets what it has carried. */
  forget(): void {
    const before = this.#latest.size;
    this.#latest.forget();
    this.grown(-before);
  }

  /** Both of its sides are closed. */
  over(): void {
    const { text: error, status } = this.#failure ?? {};
    const until = new Date().toISOString();
    const reset = this.#wasReset || undefined;
    this.#end = { ...this.#connection!.info, state: "closed", until, error, status, reset };
    this.#connection = undefined;
    for (const follower of this.#followers) follower.over();
    this.#followers.clear();
  }

  /**
   * Gives a follower the events that are kept, and then each that comes, until the result is
   * disposed of. All in one turn, so that none is missed or comes twice.
   */
  follow(follower: Follower): Disposable {
    for (const event of this.#latest.events) follower.take(event);
    if (this.#end) follower.over();
    else this.#followers.add(follower);
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) };
  }
}
