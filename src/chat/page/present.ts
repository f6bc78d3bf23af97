/** The names of the members in the room, this one's included; updates the screen. */
import { isReserved, nameKey } from "../protocol/names.ts";
import type { Screen } from "./screen.ts";

/** How long somebody who has left is shown as away, milliseconds. */
const AWAY_TIME = 15 * 60_000;
/** Most names that are shown as away. */
const MOST_AWAY = 20;

export class PresentMembers {
  #me = "";
  #members: readonly string[] = [];
  /** When those who have left did so, by their names: the last one last. */
  readonly #left = new Map<string, number>();

  constructor(private readonly screen: Pick<Screen, "roster">) {}

  /** This member's own name; empty before the first welcome. */
  get me(): string {
    return this.#me;
  }

  /** Sets this member's name and everyone's, after the welcome of a new connection. */
  enter(me: string, members: readonly string[]): void {
    this.#me = me;
    const gone = this.#members.filter((name) => !members.includes(name));
    for (const name of gone) this.#note(name);
    this.set(members);
  }

  /** Sets all names, this member's included. */
  set(members: readonly string[]): void {
    this.#members = [...new Set(members)];
    const earliest = Date.now() - AWAY_TIME;
    for (const [name, at] of this.#left) {
      if (this.has(name) || at < earliest) this.#left.delete(name);
    }
    const away = [...this.#left.keys()].slice(-MOST_AWAY);
    this.screen.roster({ me: this.#me, members: this.#members, away });
  }

  add(name: string): void {
    this.set([...this.#members, name]);
  }

  remove(name: string): void {
    this.#note(name);
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

  /** Notes that a member has left. A guest comes back under another name. */
  #note(name: string): void {
    this.#left.delete(name);
    if (!isReserved(name) && name !== this.#me) this.#left.set(name, Date.now());
  }
}

/** Whether both are the same name to the room. */
export function isSameName(one: string, other: string): boolean {
  return nameKey(one) === nameKey(other);
}
