/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Where one types: Enter sends, and what can't be sent stays, with the reason beside it. */
import { make, part } from "./dom.ts";
import type { Line } from "./pending_lines.ts";

/** Lines on their way show only when that takes longer than one would notice, milliseconds. */
const NOTICEABLE = 700;
/** Waiting lines that are shown one by one. */
const MOST_LISTED = 5;

export class Composer {
  readonly #text = part("text", HTMLTextAreaElement);
  readonly #problem = part("problem", HTMLElement);
  readonly #waiting = part("waiting", HTMLElement);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param submit Takes what was typed, or throws why not. */
  constructor(private readonly submit: (text: string) => void) {
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    this.#text.addEventListener("input", () => this.#changed());
    part("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
      this.#text.focus();
    });
  }

  /** Begins a private line. */
  address(name: string): void {
    const said = this.#text.value.replace(/^\/msg \S+ ?/, "");
    this.#text.value = `/msg ${name} ${said}`;
    this.#changed();
    this.#text.focus();
  }

  focus(): void {
    this.#text.focus();
  }

  /** Shows lines that haven't been sent; those that are only on their way, after a moment. */
  waiting(lines: readonly Line[], soon: boolean): void {
    clearTimeout(this.#timer);
    if (!soon || lines.length === 0) this.#list(lines, "when you are back");
    else this.#timer = setTimeout(() => this.#list(lines, "being sent"), NOTICEABLE);
  }

  #list(lines: readonly Line[], when: string): void {
    const items = lines.slice(-MOST_LISTED).map(({ type, text, to }) => {
      const words = make("bdi", "", type === "msg" ? `/msg ${to} ${text}` : text);
      words.dir = "auto";
      return make("p", "unsent", words, " ", make("span", "tag", when));
    });
    const more = lines.length - items.length;
    if (more > 0) items.unshift(make("p", "unsent", make("span", "tag", `${more} more before`)));
    this.#waiting.replaceChildren(...items);
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
