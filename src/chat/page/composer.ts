/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The input field: Enter sends; text that can't be sent stays, with the reason beside it. */
import { byId, make } from "./dom.ts";
import type { PendingLine } from "./pending_lines.ts";

/** Sent lines are shown as pending after this time, milliseconds: most are back sooner. */
const PENDING_SHOWN_AFTER = 700;
/** Most pending lines that are shown one by one. */
const MOST_LISTED = 5;

export class Composer {
  readonly #text = byId("text", HTMLTextAreaElement);
  readonly #problem = byId("problem", HTMLElement);
  readonly #pending = byId("waiting", HTMLElement);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param submit Takes the text; throws an error to show if it can't. */
  constructor(private readonly submit: (text: string) => void) {
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    this.#text.addEventListener("input", () => this.#changed());
    byId("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
      this.#text.focus();
    });
  }

  /** Begins a private line to `name`. */
  beginPrivate(name: string): void {
    const draft = this.#text.value.replace(/^\/msg \S+ ?/, "");
    this.#text.value = `/msg ${name} ${draft}`;
    this.#changed();
    this.#text.focus();
  }

  focus(): void {
    this.#text.focus();
  }

  /** Shows pending lines: at once, or after a moment if they are likely to be delivered `soon`. */
  showPending(lines: readonly PendingLine[], soon: boolean): void {
    clearTimeout(this.#timer);
    if (!soon || lines.length === 0) this.#list(lines, "when you are back");
    else this.#timer = setTimeout(() => this.#list(lines, "being sent"), PENDING_SHOWN_AFTER);
  }

  #list(lines: readonly PendingLine[], when: string): void {
    const items = lines.slice(-MOST_LISTED).map(({ type, text, to }) => {
      const words = make("bdi", "", type === "msg" ? `/msg ${to} ${text}` : text);
      words.dir = "auto";
      return make("p", "unsent", words, " ", make("span", "tag", when));
    });
    const more = lines.length - items.length;
    if (more > 0) items.unshift(make("p", "unsent", make("span", "tag", `${more} more before`)));
    this.#pending.replaceChildren(...items);
  }

  #pressed(event: KeyboardEvent): void {
    // While an input method composes, Enter picks a candidate; 229 is how Safari says so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) {
      return;
    }
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    try {
      this.submit(this.#text.value);
      this.#text.value = "";
      this.#changed();
    } catch (error) {
      this.#problem.textContent = (error as Error).message;
      this.#problem.hidden = false;
    }
  }

  #changed(): void {
    this.#problem.hidden = true;
    this.#text.style.height = "auto";
    const borders = this.#text.offsetHeight - this.#text.clientHeight;
    this.#text.style.height = `${this.#text.scrollHeight + borders}px`;
  }
}
