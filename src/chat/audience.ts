/**
 * Those of a room who are connected to this process: how they come, go, and are told things. What
 * everyone is told in one go reaches each of them in one write.
 */
import { Burst } from "./burst.ts";
import type { MemberId } from "./bus/facts.ts";
import type { Member } from "./member.ts";
import { Announcement, type News, timestamp } from "./protocol/news.ts";

/** Why a member whose queue is full has left, as the others are told. */
const TOO_SLOW = "too slow";

export class Audience {
  readonly #members = new Map<MemberId, Member>();
  readonly #arriving = new Map<MemberId, { member: Member; welcomed: () => void }>();
  /** What everyone has to be told still. */
  #burst = new Burst();

  /** @param leave Takes a member that can't be told any more out of the room. */
  constructor(
    private readonly room: string,
    private readonly leave: (member: Member, why: string) => void,
  ) {}

  /** Whether nobody is connected here. */
  get empty(): boolean {
    return this.#members.size + this.#arriving.size === 0;
  }

  /** Those that have been welcomed. */
  get members(): Member[] {
    return [...this.#members.values()];
  }

  get(id: MemberId): Member | undefined {
    return this.#members.get(id);
  }

  /** A member that is on its way in. */
  arriving(id: MemberId): Member | undefined {
    return this.#arriving.get(id)?.member;
  }

  /**
   * Keeps a member until its join has come; resolves once it has been welcomed, or is taken out.
   */
  expect(member: Member): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arriving.set(member.id, { member, welcomed: resolve });
    return promise;
  }

  /** Adds a member that was expected. It isn't told what has been on its way to the others. */
  welcome(member: Member, past: readonly Announcement[]): void {
    this.flush();
    this.#members.set(member.id, member);
    member.catchUp(past);
    this.#forget(member.id);
  }

  /** Takes a member out, so that it isn't told anything more; false if it isn't here. */
  remove({ id }: Member): boolean {
    this.flush();
    const arrived = this.#members.delete(id);
    return this.#forget(id) || arrived;
  }

  /** Takes all out, and returns them. */
  removeAll(): Member[] {
    this.flush();
    const arriving = [...this.#arriving.values()].map(({ member }) => member);
    const all = [...this.members, ...arriving];
    this.#members.clear();
    for (const { id } of arriving) this.#forget(id);
    return all;
  }

  #forget(id: MemberId): boolean {
    const arrival = this.#arriving.get(id);
    this.#arriving.delete(id);
    arrival?.welcomed();
    return arrival !== undefined;
  }

  /** News of this room, as members are told it. */
  news(fields: Omit<News, "room" | "time">, time = new Date()): Announcement {
    return new Announcement({ ...fields, room: this.room, time: timestamp(time) });
  }

  /** Tells one member, after what is on its way to everyone. */
  tell(member: Member, news: Announcement): void {
    this.flush();
    if (!member.tell(news)) this.#letGo(member);
  }

  /** Tells one member about something. */
  notify(member: Member, text: string): void {
    this.tell(member, this.news({ type: "notice", text }));
  }

  /**
   * Tells everyone, together with what else there is to tell in this go.
   *
   * @param author Who has said it: a member that doesn't hear itself isn't told.
   */
  tellAll(news: Announcement, author?: MemberId): void {
    if (this.#burst.empty) queueMicrotask(() => this.flush());
    this.#burst.add(news, author);
  }

  /** Tells everyone about something. */
  notifyAll(text: string): void {
    this.tellAll(this.news({ type: "notice", text }));
  }

  /** Hands what everyone has to be told to each member. */
  flush(): void {
    if (this.#burst.empty) return;
    const burst = this.#burst;
    this.#burst = new Burst();
    for (const member of this.#members.values()) {
      if (!member.tellBurst(burst)) this.#letGo(member);
    }
  }

  /** Resolves when each member can take more. */
  async relief(): Promise<void> {
    for (const member of this.#members.values()) {
      if (member.crowded) await member.relief();
    }
  }

  #letGo(member: Member): void {
    if (member.resident) {
      const text = "lines are missing here: too much waited to be shown";
      return member.skip(this.news({ type: "notice", text }));
    }
    this.leave(member, TOO_SLOW);
    member.letGo(this.news({ type: "notice", text: "you were let go: too much waited for you" }));
  }
}
