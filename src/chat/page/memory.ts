/// <reference lib="dom" />
/** What the page remembers: in the tab and in the browser, where that has storage for it. */
import type { PageMemory } from "./screen.ts";

/** Longest draft that is kept, characters. */
const LONGEST_DRAFT = 64 * 1024;

const NAME = "coax.name";
const ASKED = "coax.asked";
const SEEN = "coax.seen:";
const DRAFT = "coax.draft:";

export class BrowserMemory implements PageMemory {
  #name: string | undefined;

  /** @param place The page's path, which names the room. */
  constructor(private readonly place: string) {
    // Two tabs may have two names; a new one begins with the latest of them.
    this.#name = read(() => sessionStorage, NAME) ?? read(() => localStorage, NAME);
  }

  get name(): string | undefined {
    return this.#name;
  }

  set name(name: string | undefined) {
    this.#name = name;
    if (name === undefined) return;
    write(() => sessionStorage, NAME, name);
    write(() => localStorage, NAME, name);
  }

  get isAsked(): boolean {
    return read(() => localStorage, ASKED) !== undefined;
  }

  set isAsked(is: boolean) {
    write(() => localStorage, ASKED, is ? "yes" : "");
  }

  get seen(): string | undefined {
    return read(() => localStorage, SEEN + this.place);
  }

  set seen(id: string | undefined) {
    if (id !== undefined) write(() => localStorage, SEEN + this.place, id);
  }

  /** What was typed and not sent. */
  get draft(): string {
    return read(() => localStorage, DRAFT + this.place) ?? "";
  }

  set draft(text: string) {
    if (text.length <= LONGEST_DRAFT) write(() => localStorage, DRAFT + this.place, text);
  }
}

function read(storage: () => Storage, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined;
  } catch {
    return undefined; // Storage is disabled.
  }
}

/** Writes a text; an empty one is removed. */
function write(storage: () => Storage, key: string, text: string): void {
  try {
    if (text === "") storage().removeItem(key);
    else storage().setItem(key, text);
  } catch {
    // Storage is disabled or full.
  }
}
