/** The bus of many processes: a stream of a NATS server's JetStream, which gives the order. */
import { look } from "../../core/deadlines.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { sleep } from "../../core/time.ts";
import { type Bus, type Feed, newProcessName, type Subscriber } from "./bus.ts";
import { NatsFeed } from "./nats_feed.ts";
import { type NatsOptions, NatsSession } from "./nats_session.ts";

/** Between attempts to connect, milliseconds: doubles from the first to the last. */
const FIRST_DELAY = 100;
const LAST_DELAY = 2000;
/** How often a process shows that it is there, milliseconds. */
const BEAT = 1000;

export class NatsBus implements Bus {
  readonly process: string = newProcessName();
  readonly #feeds = new Set<NatsFeed>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #beats: number;
  #cancelBeat = () => {};
  #session: NatsSession | undefined;
  /** Since when there has been no session. */
  #downSince = performance.now();
  #complained = false;

  /**
   * @param address The bus as it may be shown.
   * @param patience How long speakers wait for a lost bus before their own room goes on without it,
   * milliseconds.
   */
  constructor(
    private readonly options: NatsOptions,
    private readonly address: string,
    private readonly log: Log,
    private readonly patience = 5000,
  ) {
    this.#running = this.#run();
    this.#beats = setInterval(() => this.#cancelBeat = look(() => this.#beat()), BEAT);
  }

  open(room: string, hearer: Subscriber): Feed {
    const { process } = this;
    const waited = this.#session ? 0 : performance.now() - this.#downSince;
    const line: NatsFeed = new NatsFeed(hearer, {
      process,
      room,
      stream: this.options.stream,
      patience: Math.max(0, this.patience - waited),
      closed: (unsent) => {
        this.#feeds.delete(line);
        if (unsent > 0) {
          this.#tell("unsent", `${lines(unsent)} the room ${room} never got there`, unsent);
        }
      },
      misplaced: () =>
        this.#tell(
          "misplaced",
          `room ${room}: its place in the stream is gone; saying again what was said lately`,
        ),
      missed: (count) =>
        this.#tell("missed", `${lines(count)} others in the room ${room} got lost`, count),
    });
    this.#feeds.add(line);
    if (this.#session) line.attach(this.#session);
    return line;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((line) => line.close()));
    this.#stop.abort();
    clearInterval(this.#beats);
    this.#cancelBeat();
    await this.#session?.close();
    await this.#running;
  }

  #beat(): void {
    for (const line of this.#feeds) line.beat();
  }

  /** One session after the other, until `close`. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let delay = FIRST_DELAY; !signal.aborted; delay = Math.min(delay * 2, LAST_DELAY)) {
      try {
        const session = await NatsSession.open(this.options);
        delay = FIRST_DELAY;
        this.#lost(await this.#use(session));
      } catch (error) {
        this.#lost(error as Error);
      }
      await sleep(delay, signal).catch(() => {});
    }
  }

  async #use(session: NatsSession): Promise<Error | undefined> {
    if (this.#stop.signal.aborted) {
      await session.close();
      return;
    }
    this.#session = session;
    this.#complained = false;
    this.log.info("bus", `connected to the bus ${this.address}`, { address: this.address });
    for (const line of this.#feeds) line.attach(session);
    const error = await session.closed;
    this.#session = undefined;
    this.#downSince = performance.now();
    for (const line of this.#feeds) line.detach();
    return error;
  }

  #tell(event: string, text: string, count?: number): void {
    const { address } = this;
    this.log.warn(event, `bus ${address}: ${text}`, { address, count });
  }

  #lost(error: Error | undefined): void {
    if (this.#stop.signal.aborted || this.#complained) return;
    this.#complained = true;
    const reason = error ? reasonOf(error) : "connection lost";
    this.log.warn("bus-lost", `bus ${this.address}: ${reason}; trying again`, {
      address: this.address,
      error: reason,
    });
  }
}

function lines(count: number): string {
  return count === 1 ? "1 line of" : `${count} lines of`;
}
