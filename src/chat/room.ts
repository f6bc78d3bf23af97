/**
 * A room, as its members in this process use it. What they do is shown once the bus has ordered it,
 * so that every process shows the same log.
 */
import { Audience } from "./audience.ts";
import type { Bus, Delivery, Feed, Subscriber } from "./bus/bus.ts";
import { concernsRoster, type Fact, type MemberId, processOf } from "./bus/facts.ts";
import { History } from "./history.ts";
import type { HistoryFile } from "./history_file.ts";
import type { Member } from "./member.ts";
import { paced } from "./pace.ts";
import { nobodyCalled } from "./protocol/requests.ts";
import { RoomView } from "./view.ts";

export interface RoomOptions {
  /** How many lines a new member gets. */
  readonly history: number;
  /** Keeps them over a restart. */
  readonly file?: HistoryFile;
  /** URLs of the page, as others may open it. */
  readonly pages?: readonly string[];
}

export class Room implements Subscriber {
  readonly #feed: Feed;
  readonly #audience: Audience;
  readonly #history: History;
  readonly #view: RoomView;
  /** The delivery that is being applied, and those after it. */
  readonly #deliveries: [Fact, Delivery][] = [];
  #lastTurn: Promise<void> = Promise.resolve();
  /** How many facts about our own members haven't been delivered back yet. */
  #unconfirmed = 0;

  constructor(readonly name: string, private readonly bus: Bus, options: RoomOptions) {
    const { history, file, pages } = options;
    this.#audience = new Audience(name, (member, why) => this.leave(member, why));
    this.#history = new History(history, undefined, file && ((line) => file.add(line)));
    if (file) this.#history.restore(file.open(name, this.#history));
    this.#view = new RoomView(this.#audience, this.#history, pages);
    for (const { news } of this.#history) this.#view.roster.know(news.from ?? "");
    this.#feed = bus.open(name, this);
  }

  /** Whether nobody is connected here. */
  get empty(): boolean {
    return this.#audience.empty;
  }

  /** How many members it has, in all processes. */
  get size(): number {
    return this.#view.roster.size;
  }

  /** Adds a member, as a guest if it has no name; resolves once it is welcomed. */
  async enter(member: Member): Promise<void> {
    const welcomed = this.#audience.expect(member);
    await this.#feed.opened;
    if (!this.#audience.arriving(member.id)) return;
    member.name ||= this.#view.roster.nextGuest();
    if (!this.#publish({ type: "join", id: member.id, name: member.name })) {
      this.#audience.remove(member);
      this.notify(member, "the room can't take anyone now: it waits for its bus");
      return await member.finish();
    }
    await welcomed;
  }

  /** Removes a member, which gets no more news. */
  leave(member: Member, why?: string): void {
    const { id, name } = member;
    if (this.#audience.remove(member)) this.#publish({ type: "leave", id, from: name, why });
  }

  /** Sends a line to everyone; for `me`, it says what the member does. */
  say(member: Member, type: "say" | "me", text: string): void {
    this.#send(member, { type, id: member.id, from: member.name, text });
  }

  /** Sends a private line to the member called `to`. */
  sendPrivate(member: Member, to: string, text: string): void {
    const { roster } = this.#view;
    const id = roster.find(to);
    if (id === undefined) return this.notify(member, nobodyCalled(to));
    const name = roster.nameOf(id)!;
    this.#send(member, { type: "msg", id: member.id, from: member.name, to: id, name, text });
  }

  /** Asks for a new name; the order decides if another member asks for it too. */
  rename(member: Member, name: string): void {
    const owner = this.#view.roster.find(name);
    if (owner !== undefined && owner !== member.id) return this.#view.refuse(member, name);
    this.#send(member, { type: "rename", id: member.id, from: member.name, name });
  }

  /** Sends a member the list of all members, in all processes. */
  who(member: Member): void {
    this.#view.who(member);
  }

  /** Sends a notice to one member. */
  notify(member: Member, text: string): void {
    this.#audience.notify(member, text);
  }

  /** Sends a notice to all members in this process. */
  announce(text: string): void {
    this.#audience.notifyAll(text);
  }

  /** Disconnects all members in this process after a last notice. */
  async close(text: string): Promise<void> {
    this.announce(text);
    // All at once: those that leave get no news of each other.
    const members = this.#audience.removeAll();
    for (const { id, name } of members) this.#publish({ type: "leave", id, from: name });
    await Promise.all([...members.map((member) => member.shutDown()), this.#feed.close()]);
    this.#history.clear();
  }

  /**
   * Runs `act`, which sends to the others, once their queues and the bus have space. Senders take
   * turns, so that no number of them can fill the queue of a member that reads.
   */
  takeTurn<T>(act: () => T): Promise<T> {
    const turn = this.#lastTurn.then(async () => {
      await this.ready();
      await this.#feed.ready();
      return await paced(act);
    });
    // Only its own sender gets an error; the next turn follows all the same.
    this.#lastTurn = turn.then(() => {}, () => {});
    return turn;
  }

  ready(): Promise<void> {
    return this.#audience.ready();
  }

  ownMembers(): [MemberId, string][] | undefined {
    if (this.#unconfirmed > 0) return undefined;
    return this.#audience.members.map(({ id, name }) => [id, name]);
  }

  deliver(fact: Fact, delivery: Delivery): void {
    this.#deliveries.push([fact, delivery]);
    if (this.#deliveries.length > 1) return; // The loop below is applying an earlier one.
    for (; this.#deliveries.length > 0; this.#deliveries.shift()) {
      this.#apply(...this.#deliveries[0]!);
    }
  }

  hasMembersOf(process: string): boolean {
    return this.#view.hasMembersOf(process);
  }

  offline(shown: readonly Fact[]): void {
    this.#view.offline(shown);
  }

  online(): void {
    this.#view.online();
  }

  missed(count: number): void {
    const things = count === 1 ? "1 thing" : `${count} things`;
    this.announce(`${things} that others said or did got lost on the bus`);
  }

  #apply(fact: Fact, delivery: Delivery): void {
    if (delivery.mode !== "provisional" && this.#isOurs(fact) && concernsRoster(fact)) {
      this.#unconfirmed--;
    }
    this.#view.apply(fact, delivery);
  }

  #isOurs(fact: Fact): boolean {
    return "id" in fact && processOf(fact.id) === this.bus.process;
  }

  #publish(fact: Fact): boolean {
    const counts = concernsRoster(fact);
    if (counts) this.#unconfirmed++;
    const taken = this.#feed.publish(fact);
    if (counts && !taken) this.#unconfirmed--;
    return taken;
  }

  #send(member: Member, fact: Fact): void {
    if (!this.#audience.get(member.id)) return; // Evicted, and being disconnected.
    if (this.#publish(fact)) return;
    this.notify(member, "this was not sent: the bus is away, and no more can be kept for it");
  }
}
