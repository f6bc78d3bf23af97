/**
 * A room, as its members in this process use it. Nothing that they do shows before the bus has
 * given it its place in the order, so that all logs are equal.
 */
import { Audience } from "./audience.ts";
import type { Bus, Delivery, Feed, Subscriber } from "./bus/bus.ts";
import { concernsRoster, type Fact, type MemberId, processOf } from "./bus/facts.ts";
import { History } from "./history.ts";
import type { Member } from "./member.ts";
import { paced } from "./pace.ts";
import { nobodyCalled } from "./protocol/requests.ts";
import { RoomView } from "./view.ts";

export class Room implements Subscriber {
  readonly #line: Feed;
  readonly #audience: Audience;
  readonly #history: History;
  readonly #view: RoomView;
  /** What is being told to the members, and what has to wait until they all know. */
  readonly #heard: [Fact, Delivery][] = [];
  #turn: Promise<void> = Promise.resolve();
  /** Facts about our own members that have not come back yet. */
  #unsettled = 0;

  /** @param remembered How many lines those who come in get to see. */
  constructor(
    readonly name: string,
    private readonly bus: Bus,
    remembered: number,
  ) {
    this.#audience = new Audience(name, (member, why) => this.leave(member, why));
    this.#history = new History(remembered);
    this.#view = new RoomView(this.#audience, this.#history);
    this.#line = bus.open(name, this);
  }

  /** Whether nobody is connected here. */
  get empty(): boolean {
    return this.#audience.empty;
  }

  /** How many are in it, in all processes. */
  get size(): number {
    return this.#view.roster.size;
  }

  /** Lets a member in, as a guest if it has no name; resolves once it has been welcomed. */
  async enter(member: Member): Promise<void> {
    const welcomed = this.#audience.expect(member);
    await this.#line.opened;
    if (!this.#audience.arriving(member.id)) return;
    member.name ||= this.#view.roster.nextGuest();
    if (!this.#publish({ type: "join", id: member.id, name: member.name })) {
      this.#audience.remove(member);
      this.notify(member, "the room can't take anyone now: it waits for its bus");
      return await member.finish();
    }
    await welcomed;
  }

  /** Takes a member out. It isn't told anything from now on. */
  leave(member: Member, why?: string): void {
    const { id, name } = member;
    if (this.#audience.remove(member)) this.#publish({ type: "leave", id, from: name, why });
  }

  /** A member says, or does, something. */
  say(member: Member, type: "say" | "me", text: string): void {
    this.#send(member, { type, id: member.id, from: member.name, text });
  }

  /** A member tells another one, alone. */
  tell(member: Member, to: string, text: string): void {
    const { roster } = this.#view;
    const id = roster.find(to);
    if (id === undefined) return this.notify(member, nobodyCalled(to));
    const name = roster.nameOf(id)!;
    this.#send(member, { type: "msg", id: member.id, from: member.name, to: id, name, text });
  }

  /** A member would like to be called `name`; the order decides if somebody else does too. */
  rename(member: Member, name: string): void {
    const owner = this.#view.roster.find(name);
    if (owner !== undefined && owner !== member.id) return this.#view.refuse(member, name);
    this.#send(member, { type: "rename", id: member.id, from: member.name, name });
  }

  /** Tells a member who is here, in all processes. */
  who(member: Member): void {
    this.#view.who(member);
  }

  /** Tells a member alone about something. */
  notify(member: Member, text: string): void {
    this.#audience.notify(member, text);
  }

  /** Tells all members in this process about something. */
  announce(text: string): void {
    this.#audience.notifyAll(text);
  }

  /** Ends every member's connection after a last notice. */
  async close(text: string): Promise<void> {
    this.announce(text);
    // All at once: nobody here has to be told of the others.
    const members = this.#audience.removeAll();
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

  relief(): Promise<void> {
    return this.#audience.relief();
  }

  present(): [MemberId, string][] | undefined {
    if (this.#unsettled > 0) return undefined;
    return this.#audience.members.map(({ id, name }) => [id, name]);
  }

  deliver(fact: Fact, told: Delivery): void {
    this.#heard.push([fact, told]);
    if (this.#heard.length > 1) return; // Heard while telling the one before: not in its middle.
    for (; this.#heard.length > 0; this.#heard.shift()) this.#apply(...this.#heard[0]!);
  }

  hasMembersOf(process: string): boolean {
    return this.#view.hasMembersOf(process);
  }

  away(shown: readonly Fact[]): void {
    this.#view.away(shown);
  }

  back(): void {
    this.#view.back();
  }

  missed(count: number): void {
    const things = count === 1 ? "1 thing" : `${count} things`;
    this.announce(`${things} that others said or did got lost on the bus`);
  }

  #apply(fact: Fact, told: Delivery): void {
    if (told.how !== "ahead" && this.#isOurs(fact) && concernsRoster(fact)) this.#unsettled--;
    this.#view.apply(fact, told);
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
    if (!this.#audience.get(member.id)) return; // Let go, and on its way out.
    if (this.#publish(fact)) return;
    this.notify(member, "this was not sent: the bus is away, and no more can be kept for it");
  }
}
