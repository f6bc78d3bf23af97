/** One member who is connected here: how it is told things, and how it is let go. */
import type { Connection } from "../core/duplex.ts";
import { CloseError, LoggedError, ShutdownError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { batched } from "./batch.ts";
import type { Burst } from "./burst.ts";
import type { MemberId } from "./bus/facts.ts";
import type { Announcement, Form } from "./protocol/news.ts";
import { SendQueue } from "./queue.ts";

/** How long a member that leaves may take to read what waits for it, milliseconds. */
const LAST_WORDS = 1000;
/** The same for one that is let go, and gets to know why once it reads again. */
const LAST_CHANCE = 10_000;
/** Try again later (IANA's registry of WebSocket close codes). */
const TRY_AGAIN = 1013;

export class Member {
  readonly #queue: SendQueue;
  readonly #ended = Promise.withResolvers<void>();
  #letGo = false;
  #finishing = false;
  /** Settles when it is no longer told anything; rejects with what sending to it failed with. */
  readonly ended: Promise<void> = this.#ended.promise;

  /** @param name What the member would like to be called; later, what it is called. */
  constructor(
    readonly id: MemberId,
    public name: string,
    readonly connection: Connection,
    readonly form: Form,
    private readonly log: Log,
    /** Whether it is the program's own stdin and stdout, which is never let go. */
    readonly resident = false,
  ) {
    this.ended.catch(() => {}); // Whoever cares awaits it.
    this.#queue = new SendQueue((messages) => this.#send(messages), (error) => {
      this.#ended.reject(error);
      connection.close(error);
    });
  }

  /** Whether it gets its own lines back: what someone types on a terminal is there already. */
  get echo(): boolean {
    return this.form === "json";
  }

  /** Tells it first of all what was before it came: as much as there is, as it reads. */
  catchUp(past: readonly Announcement[]): void {
    this.#queue.begin(past.values().map((announcement) => announcement.as(this.form)));
  }

  /** False if it can't take more: it has to be let go. */
  tell(announcement: Announcement): boolean {
    return this.#letGo || this.#queue.push(announcement.as(this.form));
  }

  /** The same for news that everyone gets. */
  tellBurst(burst: Burst): boolean {
    if (this.#letGo) return true;
    const except = this.echo ? undefined : this.id;
    if (this.connection.framing === "stream") return this.#queue.push(burst.lines(except));
    return burst.messages(this.form, except).every((message) => this.#queue.push(message));
  }

  /** Whether so much waits for it that speakers should give it time. */
  get crowded(): boolean {
    return this.#queue.crowded;
  }

  /** Resolves when it can take more, or won't be waited for. */
  relief(): Promise<void> {
    return this.#queue.relief();
  }

  /** Drops what waits, and says so in its place. */
  skip(why: Announcement): void {
    this.#queue.replace(why.as(this.form));
  }

  /** Ends a member that doesn't read; if it reads again soon, it gets to know why. */
  letGo(why: Announcement): void {
    this.#letGo = true;
    this.log.warn("let-go", `let go of ${this.connection.peer}: it doesn't read what it is sent`, {
      peer: this.connection.peer,
    });
    this.#queue.replace(why.as(this.form));
    const { framing, peer } = this.connection; // A stream has no Close that could say why.
    const reason = new LoggedError(new CloseError(peer, TRY_AGAIN, "too slow"));
    this.finish(framing === "message" ? reason : undefined, LAST_CHANCE);
  }

  /** Ends it because the program is ending. */
  dismiss(): Promise<void> {
    return this.finish(new ShutdownError());
  }

  /** Sends what waits, as far as it is taken soon, and ends the connection politely. */
  async finish(reason?: Error, wait = LAST_WORDS): Promise<void> {
    if (this.#finishing) return await this.ended;
    this.#finishing = true;
    await this.#queue.drained(wait);
    this.connection.close(reason);
    this.#ended.resolve();
  }

  async #send(messages: readonly Uint8Array[]): Promise<void> {
    const { connection } = this;
    if (connection.framing === "stream") return await connection.write(batched(messages));
    if (this.form === "line") { // Datagrams, which have no types.
      for (const data of messages) await connection.send({ data });
    } else { // At once: they share a write.
      await Promise.all(messages.map((data) => connection.send({ data, text: true })));
    }
  }
}
