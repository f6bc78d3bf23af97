/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The input field: Enter sends; text that can't be sent stays, with the reason beside it. */
import { NameCompletion } from "../protocol/completion.ts";
import { byId, make } from "./dom.ts";
import type { PendingLine } from "./pending_lines.ts";

/** Sent lines are shown as pending after this time, milliseconds: most are back sooner. */
const PENDING_SHOWN_AFTER = 700;
/** Most pending lines that are shown one by one. */
const MOST_LISTED = 5;

interface ComposerOptions {
  /** What it begins with. */
  readonly draft: string;
  /** Takes the text; throws an error to show if it can't. */
  submit(text: string): void;
  /** Called with what is typed for the room. */
  drafted(text: string): void;
  /** Names that Tab completes. */
  names(): readonly string[];
}

export class Composer {
  readonly #text = byId("text", HTMLTextAreaElement);
  readonly #problem = byId("problem", HTMLElement);
  readonly #pending = byId("waiting", HTMLElement);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #label = byId("text-label", HTMLElement);
  /** Completes once over: then Tab leaves the field, as everywhere. */
  readonly #completion = new NameCompletion(false);
  /** What was typed in conversations that aren't shown, by their other member. */
  readonly #drafts = new Map<string | undefined, string>();
  #thread: string | undefined;

  constructor(private readonly options: ComposerOptions) {
    this.#text.value = options.draft;
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    this.#text.addEventListener("input", () => this.#changed());
    byId("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
      this.#text.focus();
    });
  }

  /** Writes to another conversation from now on: of a member alone, or of the room. */
  switchTo(thread: string | undefined): void {
    if (thread !== this.#thread) {
      this.#drafts.set(this.#thread, this.#text.value);
      this.#thread = thread;
      this.#text.value = this.#drafts.get(thread) ?? "";
    }
    this.#name(thread);
    this.#fit();
    this.#text.focus();
  }

  /** Says to whom the text goes. */
  #name(thread: string | undefined): void {
    this.#text.placeholder = thread === undefined ? "Message" : `To ${thread} alone`;
    this.#label.textContent = thread === undefined
      ? "Message to the room"
      : `Message to ${thread} alone`;
  }

  /** A conversation has another name. */
  renamed(from: string, to: string): void {
    const draft = this.#drafts.get(from);
    this.#drafts.delete(from);
    if (draft !== undefined) this.#drafts.set(to, draft);
    if (this.#thread !== from) return;
    this.#thread = to;
    this.#name(to);
  }

  focus(): void {
    this.#fit();
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
    const isModified = event.shiftKey || event.ctrlKey || event.altKey || event.metaKey;
    if (event.key === "Tab" && !isModified && this.#complete()) return event.preventDefault();
    // While an input method composes, Enter picks a candidate; 229 is how Safari says so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) {
      return;
    }
    event.preventDefault();
    this.#send();
  }

  /** Completes the name that is being typed; false where there is none. */
  #complete(): boolean {
    const { value, selectionStart, selectionEnd } = this.#text;
    if (selectionStart !== selectionEnd) return false;
    const typed = { text: value, cursor: selectionStart };
    const completed = this.#completion.complete(typed, this.options.names());
    if (!completed) return false;
    this.#text.value = completed.text;
    this.#text.setSelectionRange(completed.cursor, completed.cursor);
    this.#changed();
    return true;
  }

  #send(): void {
    try {
      this.options.submit(this.#text.value);
      this.#text.value = "";
      this.#changed();
    } catch (error) {
      this.#problem.textContent = (error as Error).message;
      this.#problem.hidden = false;
    }
  }

  #changed(): void {
    this.#problem.hidden = true;
    if (this.#thread === undefined) this.options.drafted(this.#text.value);
    this.#fit();
  }

  /** Makes the field as high as its text. */
  #fit(): void {
    if (CSS.supports("field-sizing", "content")) return; // The browser does it.
    this.#text.style.height = "auto";
    const borders = this.#text.offsetHeight - this.#text.clientHeight;
    this.#text.style.height = `${this.#text.scrollHeight + borders}px`;
  }
}
