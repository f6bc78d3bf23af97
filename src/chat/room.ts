/**
 * A room: its members in this process, and what they see of everybody else. Nothing shows before
 * the bus has given it its place in the order, so that all logs are equal.
 */
import type { Bus, Hearer, Line, Told } from "./bus/bus.ts";
import { Burst } from "./burst.ts";
import { concernsRoster, type Fact, type MemberId, processOf } from "./bus/facts.ts";
import { History } from "./history.ts";
import type { Member } from "./member.ts";
import { Announcement, type News, timestamp } from "./protocol/news.ts";
import { paced } from "./pace.ts";
import { nobodyCalled } from "./protocol/requests.ts";
import { type Change, Roster } from "./roster.ts";

/** Why a member whose queue is full has left, as the others are told. */
const TOO_SLOW = "too slow";

const AWAY = "the bus is away: only those on this server hear you now, the others when it is back";
const BACK = "the bus is back: everyone hears you";

export class Room implements Hearer {
  readonly #line: Line;
  /** The members in this process. */
  readonly #members = new Map<MemberId, Member>();
  readonly #arriving = new Map<MemberId, { member: Member; welcomed: () => void }>();
  readonly #history: History;
  /** Everyone, as the order has it. */
  readonly #roster = new Roster();
  /** Everyone, as it is shown here while the bus is away. */
  #ahead: Roster | undefined;
  /** What is being told to the members, and what has to wait until they all know. */
  readonly #heard: [Fact, Told][] = [];
  /** What everyone has to be told still. */
  #burst = new Burst();
  #turn: Promise<void> = Promise.resolve();
  /** Facts about our own members that have not come back yet. */
  #unsettled = 0;

  /** @param remembered How many lines those who come in get to see. */
  constructor(
    readonly name: string,
    private readonly bus: Bus,
    remembered: number,
  ) {
    this.#history = new History(remembered);
    this.#line = bus.open(name, this);
  }

  /** Whether nobody is connected here. */
  get empty(): boolean {
    return this.#members.size + this.#arriving.size === 0;
  }

  /** How many are in it, in all processes. */
  get size(): number {
    return (this.#ahead ?? this.#roster).size;
  }

  /** Lets a member in, as a guest if it has no name; resolves once it has been welcomed. */
  async enter(member: Member): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arriving.set(member.id, { member, welcomed: resolve });
    await this.#line.opened;
    if (!this.#arriving.has(member.id)) return;
    member.name ||= (this.#ahead ?? this.#roster).nextGuest();
    if (!this.#publish({ type: "join", id: member.id, name: member.name })) {
      this.#arriving.delete(member.id);
      this.notify(member, "the room can't take anyone now: it waits for its bus");
      return await member.finish();
    }
    await promise;
  }

  /** Takes a member out. It isn't told anything from now on. */
  leave(member: Member, why?: string): void {
    const { id, name } = member;
    this.#flush();
    const arrival = this.#arriving.get(id);
    this.#arriving.delete(id);
    arrival?.welcomed();
    if (!this.#members.delete(id) && !arrival) return;
    this.#publish({ type: "leave", id, from: name, why });
  }

  /** A member says, or does, something. */
  say(member: Member, type: "say" | "me", text: string): void {
    this.#send(member, { type, id: member.id, from: member.name, text });
  }

  /** A member tells another one, alone. */
  tell(member: Member, to: string, text: string): void {
    const roster = this.#ahead ?? this.#roster;
    const id = roster.find(to);
    if (id === undefined) return this.notify(member, nobodyCalled(to));
    const name = roster.nameOf(id)!;
    this.#send(member, { type: "msg", id: member.id, from: member.name, to: id, name, text });
  }

  /** A member would like to be called `name`; the order decides if somebody else does too. */
  rename(member: Member, name: string): void {
    const owner = (this.#ahead ?? this.#roster).find(name);
    if (owner !== undefined && owner !== member.id) return this.#refuse(member, name);
    this.#send(member, { type: "rename", id: member.id, from: member.name, name });
  }

  /** Tells a member who is here, in all processes. */
  who(member: Member): void {
    this.#tell(member, this.#news({ type: "who", members: this.#names() }));
  }

  /** Tells a member alone about something. */
  notify(member: Member, text: string): void {
    this.#tell(member, this.#news({ type: "notice", text }));
  }

  /** Tells all members in this process about something. */
  announce(text: string): void {
    this.#tellAll(this.#news({ type: "notice", text }));
  }

  /** Ends every member's connection after a last notice. */
  async close(text: string): Promise<void> {
    this.announce(text);
    this.#flush();
    const arriving = [...this.#arriving.values()];
    const members = [...this.#members.values(), ...arriving.map(({ member }) => member)];
    // All at once: nobody here has to be told of the others.
    this.#members.clear();
    this.#arriving.clear();
    for (const { welcomed } of arriving) welcomed();
    for (const { id, name } of members) this.#publish({ type: "leave", id, from: name });
    await Promise.all([...members.map((member) => member.dismiss()), this.#line.close()]);
    this.#history.clear();
  }

  /**
   * Lets a speaker do something that the others hear, when they and the bus can take more. Speakers
   * take turns, so that no number of them can fill the queue of a member that reads.
   */
  turn<T>(speak: () => T): Promise<T> {
    const turn = this.#turn.then(async () => {
      await this.relief();
      await this.#line.ready();
      return await paced(speak);
    });
    // Its speaker hears of a failure; the next one speaks all the same.
    this.#turn = turn.then(() => {}, () => {});
    return turn;
  }

  async relief(): Promise<void> {
    for (const member of this.#members.values()) {
      if (member.crowded) await member.relief();
    }
  }

  present(): [MemberId, string][] | undefined {
    if (this.#unsettled > 0) return undefined;
    return [...this.#members.values()].map(({ id, name }) => [id, name]);
  }

  hear(fact: Fact, told: Told): void {
    this.#heard.push([fact, told]);
    if (this.#heard.length > 1) return; // Heard while telling the one before: not in its middle.
    for (; this.#heard.length > 0; this.#heard.shift()) this.#apply(...this.#heard[0]!);
  }

  #apply(fact: Fact, told: Told): void {
    if (told.how !== "ahead" && this.#isOurs(fact) && concernsRoster(fact)) this.#unsettled--;
    const roster = told.how === "ahead" ? this.#ahead! : this.#roster;
    for (const change of roster.apply(fact)) this.#show(change, told);
    if (told.how === "again") return this.#history.settle(told.id);
    if (fact.type === "say" || fact.type === "me") {
      const { type, id, text } = fact;
      const from = roster.nameOf(id) ?? fact.from;
      const said = this.#news({ type, from, text, id: told.id }, told.time);
      if (told.how === "past") this.#history.addPast(said);
      else this.#history.add(said);
      if (told.how !== "past") this.#tellAll(said, id);
    } else if (fact.type === "msg" && told.how !== "past") {
      this.#whisper(fact, roster.nameOf(fact.id) ?? fact.from, told);
    }
  }

  hasMembersOf(process: string): boolean {
    return this.#roster.of(process).length > 0;
  }

  away(shown: readonly Fact[]): void {
    const news = this.#ahead === undefined;
    this.#ahead = this.#roster.copy();
    for (const fact of shown) this.#ahead.apply(fact);
    if (news) this.announce(AWAY);
  }

  back(): void {
    this.#ahead = undefined;
    // Someone elsewhere may have been first with a name that was given here meanwhile.
    for (const member of this.#members.values()) {
      const name = this.#roster.nameOf(member.id);
      if (name !== undefined && name !== member.name) this.#renamed(member.id, member.name, name);
    }
    this.announce(BACK);
  }

  missed(count: number): void {
    const things = count === 1 ? "1 thing" : `${count} things`;
    this.announce(`${things} that others said or did got lost on the bus`);
  }

  #names(): string[] {
    return (this.#ahead ?? this.#roster).names();
  }

  #isOurs(fact: Fact): boolean {
    return "id" in fact && processOf(fact.id) === this.bus.process;
  }

  #publish(fact: Fact): boolean {
    const counts = concernsRoster(fact);
    if (counts) this.#unsettled++;
    const taken = this.#line.publish(fact);
    if (counts && !taken) this.#unsettled--;
    return taken;
  }

  #send(member: Member, fact: Fact): void {
    if (!this.#members.has(member.id)) return; // Let go, and on its way out.
    if (this.#publish(fact)) return;
    this.notify(member, "this was not sent: the bus is away, and no more can be kept for it");
  }

  /** Shows a change of the roster to whom it is news. */
  #show(change: Change, { how, time }: Told): void {
    const { id, name } = change;
    const member = this.#members.get(id);
    switch (change.type) {
      case "joined": {
        this.#flush();
        const arrival = this.#arriving.get(id);
        if (arrival) this.#welcome(arrival.member, name, how, time);
        else if (member && how === "live") this.#renamed(id, member.name, name, time);
        else if (isNews(how)) this.#tellAll(this.#news({ type: "join", from: name }, time));
        arrival?.welcomed();
        break;
      }
      case "left":
        // A process that was thought gone knows better about its own members.
        if (member || !isNews(how)) break;
        this.#tellAll(this.#news({ type: "leave", from: name, text: change.why }, time));
        break;
      case "renamed":
        if (isNews(how)) this.#renamed(id, change.from, name, time);
        break;
      case "refused":
        if (member && how === "live") this.#refuse(member, name);
    }
  }

  #renamed(id: MemberId, from: string, name: string, time = new Date()): void {
    if (from === name) return;
    const member = this.#members.get(id) ?? this.#arriving.get(id)?.member;
    if (member) member.name = name;
    this.#tellAll(this.#news({ type: "rename", from, text: name }, time));
  }

  #refuse(member: Member, name: string): void {
    this.notify(member, `the name ${name} is taken`);
  }

  #welcome(member: Member, name: string, how: Told["how"], time: Date): void {
    this.#arriving.delete(member.id);
    this.#tellAll(this.#news({ type: "join", from: name }, time));
    this.#flush();
    member.name = name;
    this.#members.set(member.id, member);
    const roster = how === "ahead" ? this.#ahead! : this.#roster;
    const members = roster.names();
    const welcome = this.#news({ type: "welcome", from: name, members });
    member.catchUp([welcome, ...this.#history]);
    if (this.#ahead) this.notify(member, AWAY);
  }

  #whisper(fact: Fact & { type: "msg" }, from: string, { id, time, how }: Told): void {
    const said = this.#news({ type: "msg", from, to: fact.name, text: fact.text, id }, time);
    const [sender, recipient] = [this.#members.get(fact.id), this.#members.get(fact.to)];
    const roster = how === "ahead" ? this.#ahead! : this.#roster;
    if (sender && !roster.nameOf(fact.to)) this.notify(sender, `${fact.name} has left`);
    if (recipient && (recipient !== sender || !sender.echo)) this.#tell(recipient, said);
    if (sender?.echo) this.#tell(sender, said);
  }

  #news(fields: Omit<News, "room" | "time">, time = new Date()): Announcement {
    return new Announcement({ ...fields, room: this.name, time: timestamp(time) });
  }

  /** Tells everyone, together with what else there is to tell in this go. */
  #tellAll(news: Announcement, author?: MemberId): void {
    if (this.#burst.empty) queueMicrotask(() => this.#flush());
    this.#burst.add(news, author);
  }

  #flush(): void {
    if (this.#burst.empty) return;
    const burst = this.#burst;
    this.#burst = new Burst();
    for (const member of this.#members.values()) {
      if (!member.tellBurst(burst)) this.#letGo(member);
    }
  }

  #tell(member: Member, news: Announcement): void {
    this.#flush();
    if (!member.tell(news)) this.#letGo(member);
  }

  #letGo(member: Member): void {
    if (member.resident) {
      const text = "lines are missing here: too much waited to be shown";
      return member.skip(this.#news({ type: "notice", text }));
    }
    this.leave(member, TOO_SLOW);
    member.letGo(this.#news({ type: "notice", text: "you were let go: too much waited for you" }));
  }
}

/** Whether those in the room have not been told yet. */
function isNews(how: Told["how"]): boolean {
  return how === "live" || how === "ahead";
}
