/** The names of the members in the room, this one's included; updates the screen. */
import { nameKey } from "../protocol/names.ts";
import type { Screen } from "./screen.ts";

export class PresentMembers {
  #me = "";
  #members: readonly string[] = [];

  constructor(private readonly screen: Pick<Screen, "roster">) {}

  /** This member's own name; empty before the first welcome. */
  get me(): string {
    return this.#me;
  }

  /** Sets this member's name and everyone's, after the welcome of a new connection. */
  enter(me: string, members: readonly string[]): void {
    this.#me = me;
    this.set(members);
  }

  /** Sets all names, this member's included. */
  set(members: readonly string[]): void {
    this.#members = [...new Set(members)];
    this.screen.roster(this.#me, this.#members);
  }

  add(name: string): void {
    this.set([...this.#members, name]);
  }

  remove(name: string): void {
    this.set(this.#members.filter((member) => member !== name));
  }

  rename(from: string, name: string): void {
    if (from === this.#me) this.#me = name;
    this.set(this.#members.map((member) => member === from ? name : member));
  }

  /** Whether a member has this name, whatever its case. */
  has(name: string): boolean {
    return this.#members.some((member) => isSameName(member, name));
  }

  /** Whether another member has this name. */
  hasOther(name: string): boolean {
    return this.#members.some((member) => member !== this.#me && isSameName(member, name));
  }
}

/** Whether both are the same name to the room. */
export function isSameName(one: string, other: string): boolean {
  return nameKey(one) === nameKey(other);
}
