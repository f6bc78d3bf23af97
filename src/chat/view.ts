/**
 * What the members in this process see of their room: facts, in the order of the bus, become who is
 * there, the history, and the news that each member is told.
 */
import type { Audience } from "./audience.ts";
import type { Delivery } from "./bus/bus.ts";
import type { Fact, MemberId } from "./bus/facts.ts";
import type { History } from "./history.ts";
import type { Member } from "./member.ts";
import type { News } from "./protocol/news.ts";
import { type Change, Roster } from "./roster.ts";

const AWAY = "the bus is away: only those on this server hear you now, the others when it is back";
const BACK = "the bus is back: everyone hears you";

export class RoomView {
  /** Everyone, as the order has it. */
  readonly #order = new Roster();
  /** Everyone, as it is shown here while the bus is away. */
  #ahead: Roster | undefined;

  /** @param history What those who come in get to see. */
  constructor(private readonly audience: Audience, private readonly history: History) {}

  /** Everyone, in all processes, as it is shown here. */
  get roster(): Roster {
    return this.#ahead ?? this.#order;
  }

  hasMembersOf(process: string): boolean {
    return this.#order.of(process).length > 0;
  }

  /** Tells a member who is here, in all processes. */
  who(member: Member): void {
    this.audience.tell(member, this.audience.news({ type: "who", members: this.roster.names() }));
  }

  /** Tells a member that somebody else has the name that it wished for. */
  refuse(member: Member, name: string): void {
    this.audience.notify(member, `the name ${name} is taken`);
  }

  /** Shows one fact, in the order of the bus or ahead of it. */
  apply(fact: Fact, told: Delivery): void {
    const roster = this.#rosterFor(told);
    for (const change of roster.apply(fact)) this.#show(change, told);
    if (told.how === "again") return this.history.settle(told.id);
    if (fact.type === "say" || fact.type === "me") this.#showLine(fact, roster, told);
    else if (fact.type === "msg" && told.how !== "past") this.#whisper(fact, roster, told);
  }

  /** The bus is away: our own facts come ahead, and `shown` did so before. */
  away(shown: readonly Fact[]): void {
    const news = this.#ahead === undefined;
    this.#ahead = this.#order.copy();
    for (const fact of shown) this.#ahead.apply(fact);
    if (news) this.audience.notifyAll(AWAY);
  }

  /** The bus is back, and all that came ahead has come again. */
  back(): void {
    this.#ahead = undefined;
    // Someone elsewhere may have been first with a name that was given here meanwhile.
    for (const member of this.audience.members) {
      const name = this.#order.nameOf(member.id);
      if (name !== undefined) this.#renamed(member.id, member.name, name);
    }
    this.audience.notifyAll(BACK);
  }

  #rosterFor({ how }: Delivery): Roster {
    return how === "ahead" ? this.#ahead! : this.#order;
  }

  /** Shows a change of the roster to whom it is news. */
  #show(change: Change, told: Delivery): void {
    const { id, name } = change;
    const { how, time } = told;
    const member = this.audience.get(id);
    switch (change.type) {
      case "joined":
        return this.#joined(id, name, told);
      case "left":
        // A process that was thought gone knows better about its own members.
        if (member || !isNews(how)) return;
        return this.#announce({ type: "leave", from: name, text: change.why }, time);
      case "renamed":
        if (isNews(how)) this.#renamed(id, change.from, name, time);
        return;
      case "refused":
        if (member && how === "live") this.refuse(member, name);
    }
  }

  #joined(id: MemberId, name: string, told: Delivery): void {
    const { how, time } = told;
    const member = this.audience.get(id);
    this.audience.flush();
    const arriving = this.audience.arriving(id);
    if (arriving) this.#welcome(arriving, name, told);
    else if (member && how === "live") this.#renamed(id, member.name, name, time);
    else if (isNews(how)) this.#announce({ type: "join", from: name }, time);
  }

  #welcome(member: Member, name: string, told: Delivery): void {
    this.#announce({ type: "join", from: name }, told.time);
    member.name = name;
    const members = this.#rosterFor(told).names();
    const welcome = this.audience.news({ type: "welcome", from: name, members });
    this.audience.welcome(member, [welcome, ...this.history]);
    if (this.#ahead) this.audience.notify(member, AWAY);
  }

  #renamed(id: MemberId, from: string, name: string, time = new Date()): void {
    if (from === name) return;
    const member = this.audience.get(id) ?? this.audience.arriving(id);
    if (member) member.name = name;
    this.#announce({ type: "rename", from, text: name }, time);
  }

  #showLine(
    fact: Fact & { type: "say" | "me" },
    roster: Roster,
    { how, id, time }: Delivery,
  ): void {
    const { type, text } = fact;
    const from = roster.nameOf(fact.id) ?? fact.from;
    const said = this.audience.news({ type, from, text, id }, time);
    if (how === "past") return this.history.addPast(said);
    this.history.add(said);
    this.audience.tellAll(said, fact.id);
  }

  #whisper(fact: Fact & { type: "msg" }, roster: Roster, { id, time }: Delivery): void {
    const { to, name, text } = fact;
    const from = roster.nameOf(fact.id) ?? fact.from;
    const said = this.audience.news({ type: "msg", from, to: name, text, id }, time);
    const [sender, recipient] = [this.audience.get(fact.id), this.audience.get(to)];
    if (sender && !roster.nameOf(to)) this.audience.notify(sender, `${name} has left`);
    if (recipient && (recipient !== sender || !sender.echo)) this.audience.tell(recipient, said);
    if (sender?.echo) this.audience.tell(sender, said);
  }

  #announce(fields: Omit<News, "room" | "time">, time?: Date): void {
    this.audience.tellAll(this.audience.news(fields, time));
  }
}

/** Whether those in the room have not been told yet. */
function isNews(how: Delivery["how"]): boolean {
  return how === "live" || how === "ahead";
}
