/**
 * The members of a room that are connected to this process: how they join, leave, and get news.
 * News that is broadcast in one turn of the event loop reaches each member in one write, and who
 * comes and goes within a short time, too.
 */
import { Burst } from "./burst.ts";
import type { MemberId } from "./bus/facts.ts";
import type { Member } from "./member.ts";
import { Announcement, type News, timestamp } from "./protocol/news.ts";

/** Why a member with a full queue has left, as the others see it. */
const EVICTION_REASON = "too slow";
/**
 * Least time between two writes to all members that only tell who comes and goes, milliseconds.
 * Each write costs as much as there are members: a crowd that comes at once is told of at once.
 */
const MERGE_TIME = 50;

export class Audience {
  readonly #members = new Map<MemberId, Member>();
  readonly #arriving = new Map<MemberId, { member: Member; welcomed: () => void }>();
  /** News that has been broadcast and not sent yet. */
  #burst = new Burst();
  /** How much of the burst a member has, or came too late for; the others have nothing of it. */
  #had = new Map<MemberId, number>();
  #flushesSoon = false;
  #flushedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param leave Takes an evicted member out of the room. */
  constructor(
    private readonly room: string,
    private readonly leave: (member: Member, why: string) => void,
  ) {}

  /** Whether nobody is connected here. */
  get empty(): boolean {
    return this.#members.size + this.#arriving.size === 0;
  }

  /** The members that have been welcomed. */
  get members(): Member[] {
    return [...this.#members.values()];
  }

  get(id: MemberId): Member | undefined {
    return this.#members.get(id);
  }

  /** A member whose join hasn't been ordered yet. */
  arriving(id: MemberId): Member | undefined {
    return this.#arriving.get(id)?.member;
  }

  /** Keeps a member whose join is on its way; resolves once it is welcomed or removed. */
  expect(member: Member): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arriving.set(member.id, { member, welcomed: resolve });
    return promise;
  }

  /** Adds an expected member. It gets no news that was broadcast before. */
  welcome(member: Member, history: readonly Announcement[]): void {
    this.#members.set(member.id, member);
    this.#had.set(member.id, this.#burst.length);
    member.sendHistory(history);
    this.#removeArriving(member.id);
  }

  /** Removes a member, which gets no more news; false if it isn't connected here. */
  remove(member: Member): boolean {
    const { id } = member;
    this.#catchUp(member);
    const arrived = this.#members.delete(id);
    this.#had.delete(id);
    if (this.#members.size === 0) this.flush();
    return this.#removeArriving(id) || arrived;
  }

  /** Removes all members, and returns them. */
  removeAll(): Member[] {
    this.flush();
    const arriving = [...this.#arriving.values()].map(({ member }) => member);
    const all = [...this.members, ...arriving];
    this.#members.clear();
    for (const { id } of arriving) this.#removeArriving(id);
    return all;
  }

  #removeArriving(id: MemberId): boolean {
    const arrival = this.#arriving.get(id);
    this.#arriving.delete(id);
    arrival?.welcomed();
    return arrival !== undefined;
  }

  /** Makes a piece of news of this room. */
  news(fields: Omit<News, "room" | "time">, time = new Date()): Announcement {
    return new Announcement({ ...fields, room: this.room, time: timestamp(time) });
  }

  /** Sends news to one member, after what has been broadcast. */
  send(member: Member, news: Announcement): void {
    if (!this.#catchUp(member) || !member.send(news)) this.#evict(member);
  }

  /** Sends a notice to one member. */
  notify(member: Member, text: string): void {
    this.send(member, this.news({ type: "notice", text }));
  }

  /**
   * Sends news to everyone, in one write with all else that is broadcast in this turn.
   *
   * @param author Its sender, which gets it only if it wants an echo.
   */
  broadcast(news: Announcement, author?: MemberId): void {
    if (this.#members.size === 0) return;
    this.#burst.add(news, author);
    this.#flushSoon();
  }

  /** Sends everyone news of who comes or goes, merged with more of it for a short time. */
  broadcastMerged(news: Announcement): void {
    if (this.#members.size === 0) return;
    this.#burst.add(news);
    const wait = this.#flushedAt + MERGE_TIME - performance.now();
    if (wait <= 0) this.#flushSoon();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Sends a notice to everyone. */
  notifyAll(text: string): void {
    this.broadcast(this.news({ type: "notice", text }));
  }

  /** Puts what has been broadcast into each member's queue. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushesSoon = false;
    if (this.#burst.empty) return;
    this.#flushedAt = performance.now();
    const [burst, had] = [this.#burst, this.#had];
    this.#burst = new Burst();
    this.#had = new Map();
    for (const member of this.#members.values()) {
      if (!member.sendBurst(burst, had.get(member.id))) this.#evict(member);
    }
  }

  #flushSoon(): void {
    if (this.#flushesSoon) return;
    this.#flushesSoon = true;
    queueMicrotask(() => this.flush());
  }

  /** Puts what has been broadcast into one member's queue; false if it is full. */
  #catchUp(member: Member): boolean {
    const had = this.#had.get(member.id) ?? 0;
    if (had === this.#burst.length || !this.#members.has(member.id)) return true;
    this.#had.set(member.id, this.#burst.length);
    return member.sendBurst(this.#burst, had);
  }

  /** Resolves when no member's queue is congested (back-pressure). */
  async ready(): Promise<void> {
    for (const member of this.#members.values()) {
      if (member.congested) await member.ready();
    }
  }

  #evict(member: Member): void {
    if (member.isStdio) {
      const text = "lines are missing here: too much waited to be shown";
      return member.replaceQueue(this.news({ type: "notice", text }));
    }
    this.leave(member, EVICTION_REASON);
    member.evict(this.news({ type: "notice", text: "you were let go: too much waited for you" }));
  }
}
