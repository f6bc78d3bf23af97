/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The state of the connection in words, and lines that nobody has looked at, in the title. */
import { part } from "./dom.ts";
import type { LinkState } from "./link.ts";

const SECOND = 1000;

export class StatusView {
  readonly #state = part("state", HTMLElement);
  readonly #trouble = part("trouble", HTMLElement);
  readonly #text = part("trouble-text", HTMLElement);
  readonly #again = part("again", HTMLButtonElement);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(connect: () => void) {
    this.#again.addEventListener("click", connect);
  }

  show(state: LinkState): void {
    clearInterval(this.#timer);
    document.body.dataset.link = state.is;
    this.#say(this.#state, WORDS[state.is]);
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
    this.#say(this.#text, words);
    this.#say(this.#again, remedy);
  }

  /** Not again what is there: a screen reader would read it again. */
  #say(where: HTMLElement, words: string): void {
    if (where.textContent !== words) where.textContent = words;
  }
}

const WORDS: Readonly<Record<LinkState["is"], string>> = {
  connecting: "Connecting",
  open: "Connected",
  waiting: "Not connected",
  left: "Left",
};

/** `(3) tea`: lines that have come while nobody looked. */
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

  /** A line has come. */
  count(): void {
    if (!document.hidden) return;
    this.#unread++;
    this.#show();
  }

  #show(): void {
    document.title = `${this.#unread > 0 ? `(${this.#unread}) ` : ""}${this.#room} · coax`;
  }
}
