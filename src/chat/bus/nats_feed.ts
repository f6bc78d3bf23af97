/**
 * One room on a NATS bus. What has been heard is known by its place in the stream, what has been
 * said by its number, so that after any break nothing is missing and nothing comes twice.
 */
import { Notifier } from "../../core/notifier.ts";
import { Absence } from "./absence.ts";
import type { Feed, How, Subscriber } from "./bus.ts";
import { concernsRoster, type Fact } from "./facts.ts";
import { Heard } from "./heard.ts";
import { Listing } from "./listing.ts";
import type { JsMsg } from "./nats_packages.ts";
import type { NatsSession } from "./nats_session.ts";
import { type Batch, Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";
import { decodeParcel, isProcess, type Parcel, subjectWord } from "./wire.ts";

/** A process that has been silent for this long has left with all its members, milliseconds. */
const SILENCE = 5000;
/** How long a closing line may take to send what is left, milliseconds. */
const LAST_WORDS = 1000;

export interface FeedOptions {
  readonly process: string;
  readonly room: string;
  readonly stream: string;
  /** How long speakers wait for a bus that has not been reached yet, and later, milliseconds. */
  readonly patience: number;
  /** @param unsent How many lines the bus has not taken, for all that is known. */
  closed(unsent: number): void;
  /** Our place in the stream is gone; what was said lately is said again. */
  misplaced(): void;
  /** @param count How many facts of others have never come. */
  missed(count: number): void;
}

/**
 * A message's place in the stream, and its time there, in nanoseconds: together only it has them.
 */
interface Anchor {
  readonly place: number;
  readonly time: bigint;
}

function isAt({ seq, timestampNanos }: JsMsg, { place, time }: Anchor): boolean {
  return seq === place && timestampNanos === time;
}

export class NatsFeed implements Feed {
  readonly #opened = Promise.withResolvers<void>();
  readonly opened: Promise<void> = this.#opened.promise;
  readonly #lines: string;
  readonly #beats: string;
  readonly #outbox = new Outbox();
  readonly #heard = new Heard((count) => this.#missed(count));
  readonly #absence: Absence;
  readonly #listing: Listing;
  readonly #sender: Sender;
  #session: NatsSession | undefined;
  /** What was said last of all that has been heard. */
  #anchor: Anchor | undefined;
  #past = true;
  /** Whether everything that was in the stream at the session's beginning has been heard. */
  #level = false;
  readonly #progress = new Notifier();

  constructor(private readonly hearer: Subscriber, private readonly options: FeedOptions) {
    const room = subjectWord(options.room);
    this.#lines = `${options.stream}.${room}.lines`;
    this.#beats = `${options.stream}-beats.${room}`; // Not of the stream: it keeps all that is.
    const { process, patience } = options;
    this.#listing = new Listing(hearer, process);
    this.#absence = new Absence(hearer, this.#outbox, process, patience, () => {
      this.#opened.resolve();
      this.#progress.notify();
    });
    const reached = () => this.#absence.reached();
    this.#sender = new Sender(this.#outbox, this.#lines, process, reached);
    this.#absence.begin();
  }

  publish(fact: Fact): boolean {
    const entry = this.#outbox.add(fact);
    if (!entry) return false;
    if (this.#absence.unreachable) this.#absence.showAhead();
    else this.#sender.flush();
    return true;
  }

  async ready(): Promise<void> {
    while (this.#outbox.crowded && !this.#absence.away) await this.#progress.wait();
  }

  /** Takes up a new session. */
  async attach(session: NatsSession): Promise<void> {
    this.#session = session;
    try {
      if (!await this.#follow(session, this.#anchor)) {
        this.options.misplaced();
        this.#outbox.restore();
        this.#listing.lost();
        await this.#follow(session);
      }
      if (session === this.#session) await session.close();
    } catch (error) {
      // The next session takes up from the same place.
      if (session === this.#session) await session.close(error as Error);
    }
  }

  /**
   * Hears the stream to the session's end. A server that was killed may have lost the end of the
   * stream and given its places to other messages, and a stream that was deleted and made anew
   * begins at 1 again: false if our place isn't what it was.
   */
  async #follow(session: NatsSession, anchor?: Anchor): Promise<boolean> {
    const [messages, waiting] = await session.follow(this.#lines, anchor?.place ?? 1);
    const deafen = session.listen(
      this.#beats,
      (text) => void (isProcess(text) && this.#heard.alive(text)),
    );
    try {
      if (waiting === 0 && anchor) return false;
      if (waiting === 0 && session === this.#session) this.#caughtUp(session);
      let count = 0;
      for await (const message of messages) {
        if (session !== this.#session) return true;
        if (count++ === 0 && anchor && !isAt(message, anchor)) return false;
        this.#take(message);
        if (!this.#level && (count >= waiting || message.info.pending === 0)) {
          this.#caughtUp(session);
        }
        await this.hearer.relief();
      }
      return true;
    } finally {
      messages.stop();
      deafen();
    }
  }

  /** The session is over. */
  detach(): void {
    this.#session = undefined;
    this.#sender.end();
    this.#level = false;
    this.#absence.begin();
  }

  /** Shows that this process is there, and notices who isn't any more. */
  async beat(): Promise<void> {
    this.#heard.giveUp(SILENCE);
    const session = this.#session;
    if (!session || !this.#level) return;
    const { process } = this.options;
    if (this.hearer.hasMembersOf(process)) session.call(this.#beats, process);
    // What the stream has taken doesn't come back: a new session may mend it.
    if (this.#outbox.waitsSince < performance.now() - SILENCE) {
      return await session.close(new Error("what was said doesn't come back"));
    }
    for (const other of this.#heard.silent(SILENCE)) {
      if (other === process || !this.hearer.hasMembersOf(other)) continue;
      this.publish({ type: "gone", process: other });
    }
    const list = this.#listing.due(this.#place);
    if (list) this.publish(list);
  }

  /** The place that the stream has come to. */
  get #place(): number {
    return this.#anchor?.place ?? 0;
  }

  async close(): Promise<void> {
    const end = performance.now() + LAST_WORDS;
    const timer = setTimeout(() => this.#progress.notify(), LAST_WORDS);
    while (!this.#outbox.empty && performance.now() < end) {
      await this.#progress.wait();
    }
    clearTimeout(timer);
    this.#absence.stop();
    this.#heard.giveUp(0);
    this.#opened.resolve();
    this.#session = undefined;
    this.#sender.end();
    this.options.closed(this.#outbox.entries.filter(({ fact }) => !concernsRoster(fact)).length);
  }

  /** Everything that has been said before this session has been heard. */
  #caughtUp(session: NatsSession): void {
    if (this.#past) {
      this.#listing.done(this.#place);
      this.#outbox.startAfter(this.#heard.last(this.options.process));
    }
    this.#past = false;
    this.#level = true;
    this.#opened.resolve();
    this.#heard.allAlive();
    this.#sender.begin(session);
  }

  #take(message: JsMsg): void {
    this.#anchor = { place: message.seq, time: message.timestampNanos };
    const parcel = decodeParcel(message.data);
    if (!parcel) return;
    const { process, first } = parcel;
    this.#heard.alive(process);
    const batch = process === this.options.process ? this.#outbox.heard(first) : undefined;
    this.#hear(parcel, message.time, batch);
    if (batch) this.#progress.notify();
    this.#absence.settle();
  }

  #hear({ process, first, facts }: Parcel, time: Date, batch?: Batch): void {
    for (const [index, fact] of facts.entries()) {
      const number = first + index;
      const shown = batch?.entries[index]?.shown;
      const how: How = this.#past ? "past" : shown ? "again" : "live";
      if (this.#past) this.#heard.passOver(process, number);
      this.#heard.take(process, number, () => {
        // Whoever was taken for gone, and isn't, has to say so.
        if (fact.type === "gone" && fact.process === this.options.process) this.#listing.lost();
        this.hearer.deliver(fact, { how, id: `${process}-${number}`, time });
      });
    }
  }

  #missed(count: number): void {
    this.hearer.missed(count);
    this.options.missed(count);
  }
}
