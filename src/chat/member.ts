/** One member that is connected here: its queue, how it is evicted, and how it finishes. */
import type { Connection } from "../core/duplex.ts";
import { CloseError, LoggedError, ShutdownError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { batched } from "./batch.ts";
import type { Burst } from "./burst.ts";
import type { MemberId } from "./bus/facts.ts";
import type { Announcement, NewsFormat } from "./protocol/news.ts";
import { SendQueue } from "./queue.ts";

/** How long a member that leaves may take to read what is queued, milliseconds. */
const FINISH_TIMEOUT = 1000;
/** The same for an evicted member, which gets the reason once it reads again. */
const EVICTED_TIMEOUT = 10_000;
/** Try Again Later (IANA's registry of WebSocket close codes). */
const TRY_AGAIN = 1013;

export class Member {
  readonly #queue: SendQueue;
  readonly #finished = Promise.withResolvers<void>();
  #evicted = false;
  #finishing = false;
  /** Resolves when it is sent no more; rejects with the error if sending failed. */
  readonly finished: Promise<void> = this.#finished.promise;

  /** @param name The name that the member asks for; later, the one that it has. */
  constructor(
    readonly id: MemberId,
    public name: string,
    readonly connection: Connection,
    readonly format: NewsFormat,
    private readonly log: Log,
    /** Whether it is the program's own stdin and stdout, which are never evicted. */
    readonly isStdio = false,
  ) {
    this.finished.catch(() => {}); // Not every caller awaits it.
    this.#queue = new SendQueue((messages) => this.#write(messages), (error) => {
      this.#finished.reject(error);
      connection.close(error);
    });
  }

  /** Whether it gets its own lines back; a terminal has shown them already. */
  get echo(): boolean {
    return this.format === "json";
  }

  /** Sends the history before all else, as fast as the member reads. */
  sendHistory(history: readonly Announcement[]): void {
    this.#queue.sendFirst(history.values().map((announcement) => announcement.encode(this.format)));
  }

  /** Queues news. False if the queue is full: the member has to be evicted. */
  send(announcement: Announcement): boolean {
    return this.#evicted || this.#queue.push(announcement.encode(this.format));
  }

  /** The same for news that was broadcast, from the piece numbered `from`. */
  sendBurst(burst: Burst, from = 0): boolean {
    if (this.#evicted) return true;
    const except = this.echo ? undefined : this.id;
    if (this.connection.framing === "stream") return this.#queue.push(burst.lines(except, from));
    return burst.messages(this.format, except, from).every((message) => this.#queue.push(message));
  }

  /** Whether its queue is so full that senders should wait. */
  get congested(): boolean {
    return this.#queue.congested;
  }

  /** Resolves when it isn't congested, or has stalled. */
  ready(): Promise<void> {
    return this.#queue.ready();
  }

  /** Drops what is queued and sends `why` instead. */
  replaceQueue(why: Announcement): void {
    this.#queue.replace(why.encode(this.format));
  }

  /** Disconnects a member that doesn't read; if it reads again soon, it gets the reason. */
  evict(why: Announcement): void {
    this.#evicted = true;
    this.log.warn("let-go", `let go of ${this.connection.peer}: it doesn't read what it is sent`, {
      peer: this.connection.peer,
    });
    this.#queue.replace(why.encode(this.format));
    const { framing, peer } = this.connection; // A stream has no Close frame for a reason.
    const reason = new LoggedError(new CloseError(peer, TRY_AGAIN, "too slow"));
    this.finish(framing === "message" ? reason : undefined, EVICTED_TIMEOUT);
  }

  /** Disconnects it because the program exits. */
  shutDown(): Promise<void> {
    return this.finish(new ShutdownError());
  }

  /**
   * Sends what is queued and closes the connection.
   *
   * @param timeout How long sending may take, milliseconds.
   */
  async finish(reason?: Error, timeout = FINISH_TIMEOUT): Promise<void> {
    if (this.#finishing) return await this.finished;
    this.#finishing = true;
    await this.#queue.drained(timeout);
    this.connection.close(reason);
    this.#finished.resolve();
  }

  async #write(messages: readonly Uint8Array[]): Promise<void> {
    const { connection } = this;
    if (connection.framing === "stream") return await connection.write(batched(messages));
    if (this.format === "line") { // Datagrams, which have no types.
      for (const data of messages) await connection.send({ data });
    } else { // At once: they share a write.
      await Promise.all(messages.map((data) => connection.send({ data, text: true })));
    }
  }
}
