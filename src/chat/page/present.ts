/** Who is in the room, by name: this member and everyone else. The screen follows each change. */
import { nameKey } from "../protocol/names.ts";
import type { Screen } from "./screen.ts";

export class Present {
  #me = "";
  #members: readonly string[] = [];

  constructor(private readonly screen: Pick<Screen, "roster">) {}

  /** This member's own name; empty before the first welcome. */
  get me(): string {
    return this.#me;
  }

  /** A new connection: the room calls this member `me`. */
  enter(me: string, members: readonly string[]): void {
    this.#me = me;
    this.set(members);
  }

  /** Everyone, this member too, as the room lists them. */
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

  /** Whether someone is called so, however it is capitalized. */
  has(name: string): boolean {
    return this.#members.some((member) => isSameName(member, name));
  }

  /** Whether it is someone else who is called so. */
  hasOther(name: string): boolean {
    return this.#members.some((member) => member !== this.#me && isSameName(member, name));
  }
}

/** Whether the room takes both for one name. */
export function isSameName(one: string, other: string): boolean {
  return nameKey(one) === nameKey(other);
}
