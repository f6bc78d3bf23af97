/**
 * The members of a room that are connected to this process: how they join, leave, and get news.
 * News that is broadcast in one turn of the event loop reaches each member in one write.
 */
import { Burst } from "./burst.ts";
import type { MemberId } from "./bus/facts.ts";
import type { Member } from "./member.ts";
import { Announcement, type News, timestamp } from "./protocol/news.ts";

/** Why a member with a full queue has left, as the others see it. */
const EVICTION_REASON = "too slow";

export class Audience {
  readonly #members = new Map<MemberId, Member>();
  readonly #arriving = new Map<MemberId, { member: Member; welcomed: () => void }>();
  /** News that has been broadcast and not sent yet. */
  #burst = new Burst();

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
    this.flush();
    this.#members.set(member.id, member);
    member.sendHistory(history);
    this.#removeArriving(member.id);
  }

  /** Removes a member, which gets no more news; false if it isn't connected here. */
  remove({ id }: Member): boolean {
    this.flush();
    const arrived = this.#members.delete(id);
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
    this.flush();
    if (!member.send(news)) this.#evict(member);
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
    if (this.#burst.empty) queueMicrotask(() => this.flush());
    this.#burst.add(news, author);
  }

  /** Sends a notice to everyone. */
  notifyAll(text: string): void {
    this.broadcast(this.news({ type: "notice", text }));
  }

  /** Puts what has been broadcast into each member's queue. */
  flush(): void {
    if (this.#burst.empty) return;
    const burst = this.#burst;
    this.#burst = new Burst();
    for (const member of this.#members.values()) {
      if (!member.sendBurst(burst)) this.#evict(member);
    }
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
