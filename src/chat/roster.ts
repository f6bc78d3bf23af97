/**
 * The members of a room and their names. Applying the same facts in the same order gives the same
 * roster in every process: that order decides who gets a name that two members ask for.
 */
import { type Fact, type MemberId, processOf } from "./bus/facts.ts";
import { freeName, isTooLong, nameKey, splitNumber } from "./protocol/names.ts";

/** A change that a fact has caused. */
export type Change =
  | { type: "joined"; id: MemberId; name: string }
  | { type: "left"; id: MemberId; name: string; why?: string }
  | { type: "renamed"; id: MemberId; from: string; name: string }
  | { type: "refused"; id: MemberId; name: string };

export class Roster {
  readonly #names = new Map<MemberId, string>();
  readonly #owners = new Map<string, MemberId>();
  /** The lowest number that may be free, by the key of a name's base. */
  readonly #lowest = new Map<string, number>();
  #guests = 0;

  get size(): number {
    return this.#names.size;
  }

  /** All names, in the order of arrival. */
  names(): string[] {
    return [...this.#names.values()];
  }

  nameOf(id: MemberId): string | undefined {
    return this.#names.get(id);
  }

  /** The member of this name. */
  find(name: string): MemberId | undefined {
    return isTooLong(name) ? undefined : this.#owners.get(nameKey(name));
  }

  /** A guest's name that nobody has had yet, as far as this process knows. */
  nextGuest(): string {
    return `guest-${++this.#guests}`;
  }

  /** No guest gets this name any more: somebody has it, or has spoken under it. */
  know(name: string): void {
    const [, number] = /^guest-(\d{1,9})$/.exec(name) ?? [];
    this.#guests = Math.max(this.#guests, Number(number ?? 0));
  }

  /** The ids of all members of `process`. */
  membersOf(process: string): MemberId[] {
    return [...this.#names.keys()].filter((id) => processOf(id) === process);
  }

  /** An independent copy. */
  copy(): Roster {
    const copy = new Roster();
    for (const [id, name] of this.#names) copy.#set(id, name);
    copy.#guests = this.#guests;
    return copy;
  }

  /** Applies one fact. An impossible one (a second join, a stranger's leave) changes nothing. */
  apply(fact: Fact): Change[] {
    switch (fact.type) {
      case "join":
        return this.#names.has(fact.id) ? [] : [this.#join(fact.id, fact.name)];
      case "leave":
        return this.#leave(fact.id, fact.why);
      case "rename":
        return this.#rename(fact.id, fact.name);
      case "here":
        return this.#applyList(fact.process, fact.members);
      case "gone":
        return this.membersOf(fact.process).flatMap((id) => this.#leave(id, "connection lost"));
      default:
        return [];
    }
  }

  #join(id: MemberId, wish: string): Change {
    const name = freeName(
      wish,
      (name) => this.#owners.has(nameKey(name)),
      (base) => this.#lowest.get(nameKey(base)) ?? 0,
    );
    const [base, count] = (name !== wish && splitNumber(name)) || [];
    if (base !== undefined) this.#lowest.set(nameKey(base), count! + 1);
    this.know(name);
    this.#set(id, name);
    return { type: "joined", id, name };
  }

  #leave(id: MemberId, why?: string): Change[] {
    const name = this.#names.get(id);
    if (name === undefined) return [];
    this.#names.delete(id);
    this.#free(name);
    return [{ type: "left", id, name, why }];
  }

  #rename(id: MemberId, name: string): Change[] {
    const from = this.#names.get(id);
    if (from === undefined || from === name) return [];
    const owner = this.find(name);
    if (owner !== undefined && owner !== id) return [{ type: "refused", id, name }];
    this.#free(from);
    this.#set(id, name);
    return [{ type: "renamed", id, from, name }];
  }

  #applyList(process: string, members: readonly (readonly [MemberId, string])[]): Change[] {
    const listed = new Map(members);
    const left = this.membersOf(process).filter((id) => !listed.has(id));
    return [
      ...left.flatMap((id) => this.#leave(id)),
      ...[...listed].flatMap(([id, name]) =>
        this.#names.has(id) ? this.#rename(id, name) : [this.#join(id, name)]
      ),
    ];
  }

  /** Makes a name available again. */
  #free(name: string): void {
    this.#owners.delete(nameKey(name));
    this.#lowest.delete(nameKey(name));
    const [base, number] = splitNumber(name) ?? [];
    if (base === undefined) return;
    const key = nameKey(base);
    const lowest = this.#lowest.get(key);
    if (lowest !== undefined) this.#lowest.set(key, Math.min(lowest, number!));
  }

  #set(id: MemberId, name: string): void {
    this.#names.set(id, name);
    this.#owners.set(nameKey(name), id);
  }
}
