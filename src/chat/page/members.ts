/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The list of members: beside the log if there is space, else behind a button. */
import { byId, faceOf, make, nameOf } from "./dom.ts";
import type { Roster } from "./screen.ts";

export class MembersView {
  readonly #panel = byId("panel", HTMLElement);
  readonly #button = byId("who", HTMLButtonElement);
  readonly #list = byId("members", HTMLUListElement);
  readonly #count = byId("count", HTMLElement);
  readonly #title = byId("panel-words", HTMLElement);
  readonly #headcount = byId("headcount", HTMLElement);
  readonly #order = new Intl.Collator(undefined, { numeric: true });
  #scheduled: (() => void) | undefined;

  /** @param choose Called with the name of a member that is clicked. */
  constructor(private readonly choose: (name: string) => void) {
    this.#button.addEventListener("click", () => this.#open(!this.#isOpen));
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#close();
    });
    document.addEventListener("click", ({ target }) => {
      const inside = target instanceof Node &&
        (this.#panel.contains(target) || this.#button.contains(target));
      if (!inside && this.#isOpen) this.#open(false);
    });
  }

  /** Shows who is here and who is away; the list is rebuilt at most once a frame. */
  show(roster: Roster, isConnected: boolean): void {
    this.#count.textContent = this.#headcount.textContent = `${roster.members.length}`;
    this.#title.textContent = isConnected ? "Here now" : "Here before you lost the connection";
    if (!this.#scheduled) requestAnimationFrame(() => this.#scheduled?.());
    this.#scheduled = () => {
      this.#scheduled = undefined;
      this.#fill(roster, isConnected);
    };
  }

  #fill({ me, members, away }: Roster, isConnected: boolean): void {
    const focused = this.#focusedName;
    const others = members.filter((name) => name !== me).sort(this.#order.compare);
    const gone = away.filter((name) => !members.includes(name)).sort(this.#order.compare);
    const tags = [make("span", "tag", isConnected ? "you" : "you, away")];
    const own = make("div", "member", faceOf(me), nameOf(me), ...tags);
    own.classList.toggle("away", !isConnected);
    this.#list.replaceChildren(
      make("li", "", own),
      ...others.map((name) => this.#item(name)),
      ...gone.map((name) => this.#item(name, make("span", "tag", "away"))),
    );
    if (focused === undefined) return;
    const buttons = [...this.#list.querySelectorAll("button")];
    (buttons.find(({ dataset }) => dataset.name === focused) ?? buttons[0])?.focus();
  }

  #item(name: string, ...tags: HTMLElement[]): HTMLElement {
    const button = make("button", "member", faceOf(name), nameOf(name), ...tags);
    button.classList.toggle("away", tags.length > 0);
    button.type = "button";
    button.title = "Write to this member alone";
    button.dataset.name = name;
    button.addEventListener("click", () => {
      this.#open(false);
      this.choose(name);
    });
    return make("li", "", button);
  }

  get #focusedName(): string | undefined {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || !this.#list.contains(focused)) return undefined;
    return focused.dataset.name;
  }

  get #isOpen(): boolean {
    return this.#button.ariaExpanded === "true";
  }

  #open(open: boolean): void {
    this.#button.ariaExpanded = `${open}`;
    this.#panel.classList.toggle("open", open);
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#open(false);
    this.#button.focus();
  }
}
