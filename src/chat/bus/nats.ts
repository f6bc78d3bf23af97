/** The bus of many processes: a JetStream stream of a NATS server orders the facts. */
import { afterPendingInput } from "../../core/deadlines.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { sleep } from "../../core/time.ts";
import { type Bus, type Feed, newProcessName, type Subscriber } from "./bus.ts";
import { NatsFeed } from "./nats_feed.ts";
import { type NatsOptions, NatsSession } from "./nats_session.ts";

/** Delay between attempts to connect, milliseconds: doubles from the first to the longest. */
const FIRST_RETRY_DELAY = 100;
const LONGEST_RETRY_DELAY = 2000;
/** How often a process sends a heartbeat, milliseconds. */
const HEARTBEAT_INTERVAL = 1000;

export class NatsBus implements Bus {
  readonly process: string = newProcessName();
  readonly #feeds = new Set<NatsFeed>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #heartbeatTimer: ReturnType<typeof setTimeout>;
  #cancelHeartbeat = () => {};
  #session: NatsSession | undefined;
  /** Since when there has been no session. */
  #downSince = performance.now();
  #lossLogged = false;

  /**
   * @param address The bus's URL with its password masked.
   * @param offlineAfter How long senders wait for a lost bus before their room goes offline,
   * milliseconds.
   */
  constructor(
    private readonly options: NatsOptions,
    private readonly address: string,
    private readonly log: Log,
    private readonly offlineAfter = 5000,
  ) {
    this.#running = this.#run();
    this.#heartbeatTimer = setInterval(
      () => this.#cancelHeartbeat = afterPendingInput(() => this.#heartbeat()),
      HEARTBEAT_INTERVAL,
    );
  }

  open(room: string, subscriber: Subscriber): Feed {
    const { process } = this;
    const downFor = this.#session ? 0 : performance.now() - this.#downSince;
    const feed: NatsFeed = new NatsFeed(subscriber, {
      process,
      room,
      stream: this.options.stream,
      offlineAfter: Math.max(0, this.offlineAfter - downFor),
      closed: (unsent) => {
        this.#feeds.delete(feed);
        if (unsent > 0) {
          this.#warn("unsent", `${linesOf(unsent)} the room ${room} never got there`, unsent);
        }
      },
      positionLost: () =>
        this.#warn(
          "misplaced",
          `room ${room}: its place in the stream is gone; saying again what was said lately`,
        ),
      missed: (count) =>
        this.#warn("missed", `${linesOf(count)} others in the room ${room} got lost`, count),
    });
    this.#feeds.add(feed);
    if (this.#session) feed.attach(this.#session);
    return feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
    this.#stop.abort();
    clearInterval(this.#heartbeatTimer);
    this.#cancelHeartbeat();
    await this.#session?.close();
    await this.#running;
  }

  #heartbeat(): void {
    for (const feed of this.#feeds) feed.heartbeat();
  }

  /** Runs one session after the other, until `close`. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (
      let delay = FIRST_RETRY_DELAY;
      !signal.aborted;
      delay = Math.min(delay * 2, LONGEST_RETRY_DELAY)
    ) {
      try {
        const session = await NatsSession.open(this.options);
        delay = FIRST_RETRY_DELAY;
        this.#logLoss(await this.#use(session));
      } catch (error) {
        this.#logLoss(error as Error);
      }
      await sleep(delay, signal).catch(() => {});
    }
  }

  /** Attaches all feeds to a session until it is closed; resolves with the error, if any. */
  async #use(session: NatsSession): Promise<Error | undefined> {
    if (this.#stop.signal.aborted) {
      await session.close();
      return;
    }
    this.#session = session;
    this.#lossLogged = false;
    this.log.info("bus", `connected to the bus ${this.address}`, { address: this.address });
    for (const feed of this.#feeds) feed.attach(session);
    const error = await session.closed;
    this.#session = undefined;
    this.#downSince = performance.now();
    for (const feed of this.#feeds) feed.detach();
    return error;
  }

  #warn(event: string, text: string, count?: number): void {
    const { address } = this;
    this.log.warn(event, `bus ${address}: ${text}`, { address, count });
  }

  #logLoss(error: Error | undefined): void {
    if (this.#stop.signal.aborted || this.#lossLogged) return;
    this.#lossLogged = true;
    const reason = error ? reasonOf(error) : "connection lost";
    this.log.warn("bus-lost", `bus ${this.address}: ${reason}; trying again`, {
      address: this.address,
      error: reason,
    });
  }
}

function linesOf(count: number): string {
  return count === 1 ? "1 line of" : `${count} lines of`;
}
