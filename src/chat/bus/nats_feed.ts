/**
 * One room's feed on a NATS bus. The position in the stream tells what has been received, and the
 * number of each fact what has been sent. So after a lost connection nothing is missing and nothing
 * is delivered twice.
 */
import { Notifier } from "../../core/notifier.ts";
import { settledWithin } from "../../core/time.ts";
import { OfflineMode } from "./offline_mode.ts";
import type { DeliveryMode, Feed, Subscriber } from "./bus.ts";
import { concernsRoster, type Fact } from "./facts.ts";
import { ProcessTracker } from "./process_tracker.ts";
import { MemberListing } from "./listing.ts";
import type { JsMsg } from "./nats_packages.ts";
import type { NatsSession } from "./nats_session.ts";
import { type Batch, Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";
import { type BusMessage, decodeMessage, isProcess, subjectToken } from "./wire.ts";

/** A process that has been silent for this long has left with all its members, milliseconds. */
const SILENCE_LIMIT = 5000;
/** How long a closing feed may take to send what is queued, milliseconds. */
const CLOSE_TIMEOUT = 1000;

export interface FeedOptions {
  readonly process: string;
  readonly room: string;
  readonly stream: string;
  /** How long senders wait for the bus before the room goes offline, milliseconds. */
  readonly offlineAfter: number;
  /** @param unsent How many lines aren't known to be in the stream. */
  closed(unsent: number): void;
  /** Our position in the stream doesn't exist any more; recent facts are sent again. */
  positionLost(): void;
  /** @param count How many facts of others were lost. */
  missed(count: number): void;
}

/** A message's sequence and time (nanoseconds) in the stream: together they identify it. */
interface StreamPosition {
  readonly sequence: number;
  readonly time: bigint;
}

function isAt({ seq, timestampNanos }: JsMsg, { sequence, time }: StreamPosition): boolean {
  return seq === sequence && timestampNanos === time;
}

export class NatsFeed implements Feed {
  readonly #opened = Promise.withResolvers<void>();
  readonly opened: Promise<void> = this.#opened.promise;
  readonly #lineSubject: string;
  readonly #heartbeatSubject: string;
  readonly #outbox = new Outbox();
  readonly #tracker = new ProcessTracker((count) => this.#missed(count));
  readonly #offlineMode: OfflineMode;
  readonly #listing: MemberListing;
  readonly #sender: Sender;
  #session: NatsSession | undefined;
  /** Stops the latest consumption; resolves once the server has forgotten it. */
  #stopConsuming = (): Promise<void> => Promise.resolve();
  #closed = false;
  /** The last message that was received. */
  #position: StreamPosition | undefined;
  /** Whether the room's history is still being delivered. */
  #replaying = true;
  /** Whether all that was in the stream when the session began has been received. */
  #isCaughtUp = false;
  readonly #progress = new Notifier();

  constructor(private readonly subscriber: Subscriber, private readonly options: FeedOptions) {
    const room = subjectToken(options.room);
    this.#lineSubject = `${options.stream}.${room}.lines`;
    // Outside of the stream, which would store heartbeats.
    this.#heartbeatSubject = `${options.stream}-beats.${room}`;
    const { process, offlineAfter } = options;
    this.#listing = new MemberListing(subscriber, process);
    this.#offlineMode = new OfflineMode(subscriber, this.#outbox, process, offlineAfter, () => {
      this.#opened.resolve();
      this.#progress.notify();
    });
    const reached = () => this.#offlineMode.streamReached();
    this.#sender = new Sender(this.#outbox, this.#lineSubject, process, reached);
    this.#offlineMode.sessionLost();
  }

  publish(fact: Fact): boolean {
    const entry = this.#outbox.add(fact);
    if (!entry) return false;
    if (this.#offlineMode.showsProvisionally) this.#offlineMode.showUnseen();
    else this.#sender.flush();
    return true;
  }

  async ready(): Promise<void> {
    while (this.#outbox.congested && !this.#offlineMode.isOffline && !this.#closed) {
      await this.#progress.wait();
    }
  }

  /** Consumes the stream in a new session, from where the last one stopped, until it is over. */
  async attach(session: NatsSession): Promise<void> {
    this.#session = session;
    try {
      if (!await this.#consume(session, this.#position)) {
        this.options.positionLost();
        this.#outbox.requeueRecent();
        this.#listing.lost();
        await this.#consume(session);
      }
      if (session === this.#session) await session.close();
    } catch (error) {
      // The next session goes on from the same position.
      if (session === this.#session) await session.close(error as Error);
    }
  }

  /**
   * Receives messages until the session or the feed is over. False if `position` doesn't hold the
   * same message any more: a server that was killed may have lost the latest messages and reused
   * their sequence numbers, and a stream that was deleted and created again restarts at 1.
   */
  async #consume(session: NatsSession, position?: StreamPosition): Promise<boolean> {
    const from = position?.sequence ?? 1;
    const { messages, pending, stop } = await session.consume(this.#lineSubject, from);
    const unsubscribe = session.subscribe(
      this.#heartbeatSubject,
      (text) => void (isProcess(text) && this.#tracker.markAlive(text)),
    );
    const stopConsuming = this.#stopConsuming = () => {
      unsubscribe();
      return stop();
    };
    try {
      if (session !== this.#session) return true; // It was over before the consumer was there.
      if (pending === 0 && position) return false;
      if (pending === 0) this.#markCaughtUp(session);
      let count = 0;
      for await (const message of messages) {
        if (session !== this.#session) return true;
        if (count++ === 0 && position && !isAt(message, position)) return false;
        this.#receive(message);
        if (!this.#isCaughtUp && (count >= pending || message.info.pending === 0)) {
          this.#markCaughtUp(session);
        }
        await this.subscriber.ready();
      }
      return true;
    } finally {
      stopConsuming();
    }
  }

  /** Stops using the session, which is over. */
  detach(): void {
    this.#session = undefined;
    this.#sender.stop();
    this.#isCaughtUp = false;
    this.#offlineMode.sessionLost();
  }

  /** Sends a heartbeat, reports processes that send none any more, and renews the member list. */
  async heartbeat(): Promise<void> {
    this.#tracker.closeGaps(SILENCE_LIMIT);
    const session = this.#session;
    if (!session || !this.#isCaughtUp) return;
    const { process } = this.options;
    if (this.subscriber.hasMembersOf(process)) session.broadcast(this.#heartbeatSubject, process);
    // The stream doesn't deliver what it has stored; a new session may.
    if (this.#outbox.oldestSentAt < performance.now() - SILENCE_LIMIT) {
      return await session.close(new Error("what was said doesn't come back"));
    }
    for (const other of this.#tracker.silent(SILENCE_LIMIT)) {
      if (other === process || !this.subscriber.hasMembersOf(other)) continue;
      this.publish({ type: "gone", process: other });
    }
    const list = this.#listing.due(this.#sequence);
    if (list) this.publish(list);
  }

  /** The stream sequence of the last message that was received. */
  get #sequence(): number {
    return this.#position?.sequence ?? 0;
  }

  async close(): Promise<void> {
    const deadline = performance.now() + CLOSE_TIMEOUT;
    while (!this.#outbox.empty && performance.now() < deadline) {
      await settledWithin(this.#progress.wait(), deadline - performance.now());
    }
    this.#closed = true;
    this.#progress.notify();
    this.#offlineMode.cancel();
    this.#tracker.closeGaps(0);
    this.#opened.resolve();
    this.#session = undefined;
    this.#sender.stop();
    this.options.closed(this.#outbox.entries.filter(({ fact }) => !concernsRoster(fact)).length);
    await settledWithin(this.#stopConsuming(), CLOSE_TIMEOUT);
  }

  /** Begins to send: all that was in the stream before this session has been received. */
  #markCaughtUp(session: NatsSession): void {
    if (this.#replaying) {
      this.#listing.listedAt(this.#sequence);
      this.#outbox.continueFrom(this.#tracker.lastNumber(this.options.process));
    }
    this.#replaying = false;
    this.#isCaughtUp = true;
    this.#opened.resolve();
    this.#tracker.markAllAlive();
    this.#sender.start(session);
  }

  #receive(message: JsMsg): void {
    this.#position = { sequence: message.seq, time: message.timestampNanos };
    const decoded = decodeMessage(message.data);
    if (!decoded) return;
    const { process, first } = decoded;
    this.#tracker.markAlive(process);
    const batch = process === this.options.process ? this.#outbox.acknowledge(first) : undefined;
    this.#deliver(decoded, message.time, batch);
    if (batch) this.#progress.notify();
    this.#offlineMode.endIfConfirmed();
  }

  #deliver({ process, first, facts }: BusMessage, time: Date, batch?: Batch): void {
    for (const [index, fact] of facts.entries()) {
      const number = first + index;
      const shown = batch?.entries[index]?.shown;
      const mode: DeliveryMode = this.#replaying ? "replayed" : shown ? "confirmed" : "live";
      if (this.#replaying) this.#tracker.skipTo(process, number);
      this.#tracker.receive(process, number, () => {
        // Another process takes this one for dead: a list of our members corrects that.
        if (fact.type === "gone" && fact.process === this.options.process) this.#listing.lost();
        this.subscriber.deliver(fact, { mode, id: `${process}-${number}`, time });
      });
    }
  }

  #missed(count: number): void {
    this.subscriber.missed(count);
    this.options.missed(count);
  }
}
