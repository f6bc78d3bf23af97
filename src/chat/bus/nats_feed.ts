/**
 * One room on a NATS bus. What has been heard is known by its place in the stream, what has been
 * said by its number, so that after any break nothing is missing and nothing comes twice.
 */
import { Notifier } from "../../core/notifier.ts";
import type { Hearer, How, Line } from "./bus.ts";
import { concernsRoster, type Fact } from "./facts.ts";
import { Heard } from "./heard.ts";
import type { JsMsg } from "./nats_packages.ts";
import type { NatsSession } from "./nats_session.ts";
import { type Batch, Outbox } from "./outbox.ts";
import { decodeParcel, encodeParcel, isProcess, type Parcel, subjectWord } from "./wire.ts";

/** A process that has been silent for this long has left with all its members, milliseconds. */
const SILENCE = 5000;
/** After how much members are listed again: far less than the stream keeps. */
const RENEWAL = { places: 1000, ms: 24 * 3600 * 1000 };
/** How long a closing line may take to send what is left, milliseconds. */
const LAST_WORDS = 1000;

interface LineOptions {
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

/** A message's place in the stream, and its time there, in nanoseconds: together only it has them. */
interface Anchor {
  readonly place: number;
  readonly time: bigint;
}

function isAt({ seq, timestampNanos }: JsMsg, { place, time }: Anchor): boolean {
  return seq === place && timestampNanos === time;
}

export class NatsLine implements Line {
  readonly #opened = Promise.withResolvers<void>();
  readonly opened: Promise<void> = this.#opened.promise;
  readonly #lines: string;
  readonly #beats: string;
  readonly #outbox = new Outbox();
  readonly #heard = new Heard((count) => this.#missed(count));
  #session: NatsSession | undefined;
  /** What was said last of all that has been heard. */
  #anchor: Anchor | undefined;
  #past = true;
  /** Whether everything that was in the stream at the session's beginning has been heard. */
  #level = false;
  #flushing = false;
  /** Whether the stream has taken something of ours in this session. */
  #reachable = false;
  /** Whether the room goes on without the bus. */
  #away = false;
  #timer: number | undefined;
  /** Where in the stream, and when, everyone here was known to be told of; if not, they have to be. */
  #listed: { readonly place: number; readonly at: number } | undefined;
  readonly #progress = new Notifier();

  constructor(private readonly hearer: Hearer, private readonly options: LineOptions) {
    const room = subjectWord(options.room);
    this.#lines = `${options.stream}.${room}.lines`;
    this.#beats = `${options.stream}-beats.${room}`; // Not of the stream: it keeps all that is.
    this.#wait();
  }

  publish(fact: Fact): boolean {
    const entry = this.#outbox.add(fact);
    if (!entry) return false;
    if (this.#away && !this.#reachable) this.#showAhead();
    else this.#flush();
    return true;
  }

  async ready(): Promise<void> {
    while (this.#outbox.crowded && !this.#away) await this.#progress.wait();
  }

  /** Takes up a new session. */
  async attach(session: NatsSession): Promise<void> {
    this.#session = session;
    try {
      if (!await this.#follow(session, this.#anchor)) {
        this.options.misplaced();
        this.#outbox.restore();
        this.#listed = undefined;
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
      if (waiting === 0 && session === this.#session) this.#caughtUp();
      let count = 0;
      for await (const message of messages) {
        if (session !== this.#session) return true;
        if (count++ === 0 && anchor && !isAt(message, anchor)) return false;
        this.#take(message);
        if (!this.#level && (count >= waiting || message.info.pending === 0)) this.#caughtUp();
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
    this.#level = this.#reachable = false;
    if (this.#away) this.#goAhead();
    else this.#wait();
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
    this.#list();
  }

  /**
   * Says who is here, where the stream may not tell it any more: joins grow old there, and get lost
   * with a server. It stands in the order as all facts do, so that everyone comes to the same names.
   */
  #list(): void {
    const { process } = this.options;
    const members = this.hearer.present();
    const now = this.#now();
    const { place, at } = this.#listed ?? { place: -Infinity, at: 0 };
    if (!members || (now.place - place < RENEWAL.places && now.at - at < RENEWAL.ms)) return;
    this.#listed = now;
    if (members.length > 0) this.publish({ type: "here", process, members });
  }

  /** The place that the stream has come to. */
  #now() {
    return { place: this.#anchor?.place ?? 0, at: performance.now() };
  }

  async close(): Promise<void> {
    const end = performance.now() + LAST_WORDS;
    const timer = setTimeout(() => this.#progress.notify(), LAST_WORDS);
    while (!this.#outbox.empty && performance.now() < end) {
      await this.#progress.wait();
    }
    clearTimeout(timer);
    clearTimeout(this.#timer);
    this.#heard.giveUp(0);
    this.#opened.resolve();
    this.#session = undefined;
    this.options.closed(this.#outbox.entries.filter(({ fact }) => !concernsRoster(fact)).length);
  }

  /** Everything that has been said before this session has been heard. */
  #caughtUp(): void {
    if (this.#past) {
      this.#listed = this.#now();
      this.#outbox.startAfter(this.#heard.last(this.options.process));
    }
    this.#past = false;
    this.#level = true;
    this.#opened.resolve();
    this.#heard.allAlive();
    this.#outbox.rewind(); // What was sent, but isn't in the stream, goes again.
    this.#flush();
  }

  /** Sends what waits, a batch at a time. */
  async #flush(): Promise<void> {
    const session = this.#session;
    if (this.#flushing || !session || !this.#level) return;
    this.#flushing = true;
    try {
      if (this.#outbox.empty) this.#reached();
      for (let batch; session === this.#session && (batch = this.#outbox.next());) {
        await this.#send(session, batch);
        if (session === this.#session) this.#reached();
      }
    } catch (error) {
      await session.close(error as Error);
    }
    this.#flushing = false;
    if (session !== this.#session) this.#flush();
  }

  async #send(session: NatsSession, { entries }: Batch): Promise<void> {
    const { process } = this.options;
    const first = entries[0]!.number;
    const facts = entries.map(({ fact }) => fact);
    const id = `${this.#lines}.${process}.${first}`;
    await session.publish(this.#lines, encodeParcel({ process, first, facts }), id);
  }

  /** Speakers wait for a while; then the room goes on without the bus. */
  #wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#away = true;
      this.#goAhead();
      this.#opened.resolve();
      this.#progress.notify();
    }, this.options.patience);
  }

  /** The stream takes what we send: whatever is said from now on waits for its place in it. */
  #reached(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#reachable = true;
    this.#settle();
  }

  /** The end of being away: the bus is reached, and all that came ahead has come again. */
  #settle(): void {
    if (!this.#away || !this.#reachable || this.#outbox.entries.some(({ shown }) => shown)) return;
    this.#away = false;
    this.hearer.back();
  }

  #goAhead(): void {
    const shown = this.#outbox.entries.filter(({ shown }) => shown);
    this.hearer.away(shown.map(({ fact }) => fact));
    this.#showAhead();
  }

  /** Shows what the room hasn't seen of our own facts, without waiting for the order. */
  #showAhead(): void {
    for (const entry of this.#outbox.entries) {
      if (entry.shown) continue;
      entry.shown = true;
      const id = `${this.options.process}-${entry.number}`;
      this.hearer.hear(entry.fact, { how: "ahead", id, time: new Date() });
    }
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
    this.#settle();
  }

  #hear({ process, first, facts }: Parcel, time: Date, batch?: Batch): void {
    for (const [index, fact] of facts.entries()) {
      const number = first + index;
      const shown = batch?.entries[index]?.shown;
      const how: How = this.#past ? "past" : shown ? "again" : "live";
      if (this.#past) this.#heard.passOver(process, number);
      this.#heard.take(process, number, () => {
        // Whoever was taken for gone, and isn't, has to say so.
        if (fact.type === "gone" && fact.process === this.options.process) this.#listed = undefined;
        this.hearer.hear(fact, { how, id: `${process}-${number}`, time });
      });
    }
  }

  #missed(count: number): void {
    this.hearer.missed(count);
    this.options.missed(count);
  }
}
