/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Shows the state of the connection, and the number of unread lines in the title. */
import { byId } from "./dom.ts";
import type { LinkState } from "./link.ts";

const SECOND = 1000;

export class StatusView {
  readonly #state = byId("state", HTMLElement);
  readonly #trouble = byId("trouble", HTMLElement);
  readonly #text = byId("trouble-text", HTMLElement);
  readonly #again = byId("again", HTMLButtonElement);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(connect: () => void) {
    this.#again.addEventListener("click", connect);
  }

  show(state: LinkState): void {
    clearInterval(this.#timer);
    document.body.dataset.link = state.is;
    this.#setText(this.#state, STATE_TEXTS[state.is]);
    switch (state.is) {
      case "connecting":
        return;
      case "open":
        this.#trouble.hidden = true;
        return;
      case "left":
        return this.#warn("You have left the room.", "Join again");
      case "waiting":
        this.#timer = setInterval(() => this.#countDown(state.until), SECOND);
        this.#countDown(state.until);
    }
  }

  #countDown(until: number): void {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / SECOND));
    const words = `No connection. Trying again in ${seconds} s; what you write is kept.`;
    this.#warn(words, "Try now");
  }

  #warn(words: string, remedy: string): void {
    this.#trouble.hidden = false;
    this.#setText(this.#text, words);
    this.#setText(this.#again, remedy);
  }

  /** Sets changed text only: a screen reader would read the same text again. */
  #setText(element: HTMLElement, text: string): void {
    if (element.textContent !== text) element.textContent = text;
  }
}

const STATE_TEXTS: Readonly<Record<LinkState["is"], string>> = {
  connecting: "Connecting",
  open: "Connected",
  waiting: "Not connected",
  left: "Left",
};

/** The page's title, with the number of lines that came while it was hidden: `(3) tea`. */
export class TitleView {
  #room = "coax";
  #unread = 0;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#unread = 0;
      this.#show();
    });
  }

  room(name: string): void {
    this.#room = name;
    this.#show();
  }

  /** Counts a new line, if the page is hidden. */
  count(): void {
    if (!document.hidden) return;
    this.#unread++;
    this.#show();
  }

  #show(): void {
    document.title = `${this.#unread > 0 ? `(${this.#unread}) ` : ""}${this.#room} · coax`;
  }
}
