/**
 * Shows a room to its members in this process: turns facts, in the order of the bus, into the
 * roster, the history, and the news for each member.
 */
import type { Audience } from "./audience.ts";
import type { Delivery } from "./bus/bus.ts";
import type { Fact, MemberId } from "./bus/facts.ts";
import type { History } from "./history.ts";
import type { Member } from "./member.ts";
import type { News } from "./protocol/news.ts";
import { nameTaken } from "./protocol/requests.ts";
import { type Change, Roster } from "./roster.ts";

const OFFLINE_NOTICE =
  "the bus is away: only those on this server hear you now, the others when it is back";
const ONLINE_NOTICE = "the bus is back: everyone hears you";

export class RoomView {
  /** All members, by the order of the bus. */
  readonly #ordered = new Roster();
  /** All members with provisional facts applied, while the bus can't be reached. */
  #provisional: Roster | undefined;

  /**
   * @param history The lines that a new member gets.
   * @param addresses Where others find the room's page.
   */
  constructor(
    private readonly audience: Audience,
    private readonly history: History,
    private readonly addresses?: readonly string[],
  ) {}

  /** All members, in all processes, as they are shown here. */
  get roster(): Roster {
    return this.#provisional ?? this.#ordered;
  }

  hasMembersOf(process: string): boolean {
    return this.#ordered.membersOf(process).length > 0;
  }

  /** Sends a member the list of all members, in all processes. */
  who(member: Member): void {
    this.audience.send(member, this.audience.news({ type: "who", members: this.roster.names() }));
  }

  /** Notifies a member that another one has the name that it asked for. */
  refuse(member: Member, name: string): void {
    this.audience.notify(member, nameTaken(name));
  }

  /** Applies one fact and shows what it changes. */
  apply(fact: Fact, delivery: Delivery): void {
    const roster = this.#rosterFor(delivery);
    for (const change of roster.apply(fact)) this.#showChange(change, delivery);
    if (delivery.mode === "confirmed") return this.history.confirm(delivery.id);
    if (fact.type === "say" || fact.type === "me") this.#showLine(fact, roster, delivery);
    else if (fact.type === "msg" && delivery.mode !== "replayed") {
      this.#showPrivate(fact, roster, delivery);
    }
  }

  /** Begins to show our own facts provisionally, as `shown` have been before. */
  offline(shown: readonly Fact[]): void {
    const isFirst = this.#provisional === undefined;
    this.#provisional = this.#ordered.copy();
    for (const fact of shown) this.#provisional.apply(fact);
    if (isFirst) this.audience.notifyAll(OFFLINE_NOTICE);
  }

  /** Shows facts in the order of the bus only, as all provisional ones are confirmed. */
  online(): void {
    this.#provisional = undefined;
    // A member of another process may have got one of the provisional names first.
    for (const member of this.audience.members) {
      const name = this.#ordered.nameOf(member.id);
      if (name !== undefined) this.#showRename(member.id, member.name, name);
    }
    this.audience.notifyAll(ONLINE_NOTICE);
  }

  #rosterFor({ mode }: Delivery): Roster {
    return mode === "provisional" ? this.#provisional! : this.#ordered;
  }

  /** Shows a change of the roster to those who don't know it yet. */
  #showChange(change: Change, delivery: Delivery): void {
    const { id, name } = change;
    const { mode, time } = delivery;
    const member = this.audience.get(id);
    switch (change.type) {
      case "joined":
        return this.#showJoin(id, name, delivery);
      case "left":
        // Its connection is open: another process has taken ours for dead.
        if (member || !isUnseen(mode)) return;
        return this.#announce({ type: "leave", from: name, text: change.why }, time);
      case "renamed":
        if (isUnseen(mode)) this.#showRename(id, change.from, name, time);
        return;
      case "refused":
        if (member && mode === "live") this.refuse(member, name);
    }
  }

  #showJoin(id: MemberId, name: string, delivery: Delivery): void {
    const { mode, time } = delivery;
    const member = this.audience.get(id);
    const arriving = this.audience.arriving(id);
    if (arriving) this.#welcome(arriving, name, delivery);
    else if (member && mode === "live") this.#showRename(id, member.name, name, time);
    else if (isUnseen(mode)) this.#announce({ type: "join", from: name }, time);
  }

  #welcome(member: Member, name: string, delivery: Delivery): void {
    this.#announce({ type: "join", from: name }, delivery.time);
    member.name = name;
    const members = this.#rosterFor(delivery).names();
    const { addresses } = this;
    const welcome = this.audience.news({ type: "welcome", from: name, members, addresses });
    this.audience.welcome(member, [welcome, ...this.history]);
    if (this.#provisional) this.audience.notify(member, OFFLINE_NOTICE);
  }

  #showRename(id: MemberId, from: string, name: string, time = new Date()): void {
    if (from === name) return;
    const member = this.audience.get(id) ?? this.audience.arriving(id);
    if (member) member.name = name;
    this.audience.broadcast(this.audience.news({ type: "rename", from, text: name }, time));
  }

  #showLine(
    fact: Fact & { type: "say" | "me" },
    roster: Roster,
    { mode, id, time }: Delivery,
  ): void {
    const { type, text } = fact;
    const from = roster.nameOf(fact.id) ?? fact.from;
    const line = this.audience.news({ type, from, text, id }, time);
    if (mode === "replayed") return this.history.addPast(line);
    this.history.add(line);
    this.audience.broadcast(line, fact.id);
  }

  #showPrivate(fact: Fact & { type: "msg" }, roster: Roster, { id, time }: Delivery): void {
    const { to, name, text } = fact;
    const from = roster.nameOf(fact.id) ?? fact.from;
    const line = this.audience.news({ type: "msg", from, to: name, text, id }, time);
    const [sender, recipient] = [this.audience.get(fact.id), this.audience.get(to)];
    if (sender && !roster.nameOf(to)) this.audience.notify(sender, `${name} has left`);
    if (recipient && (recipient !== sender || !sender.echo)) this.audience.send(recipient, line);
    if (sender?.echo) this.audience.send(sender, line);
  }

  /** Tells who comes or goes. */
  #announce(fields: Omit<News, "room" | "time">, time?: Date): void {
    this.audience.broadcastMerged(this.audience.news(fields, time));
  }
}

/** Whether the members haven't seen a fact of this mode yet. */
function isUnseen(mode: Delivery["mode"]): boolean {
  return mode === "live" || mode === "provisional";
}
