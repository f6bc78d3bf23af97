/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The member's own name: the question at the first visit, and the dialog to change it. */
import { byId } from "./dom.ts";

export class NameView {
  readonly #button = byId("me", HTMLButtonElement);
  readonly #shown = byId("my-name", HTMLElement);
  readonly #dialog = byId("naming", HTMLDialogElement);
  readonly #name = byId("name", HTMLInputElement);
  readonly #problem = byId("name-problem", HTMLElement);

  readonly #asking = byId("asking", HTMLFormElement);
  readonly #first = byId("first-name", HTMLInputElement);
  readonly #firstProblem = byId("first-name-problem", HTMLElement);
  readonly #guest = byId("stay-guest", HTMLButtonElement);

  /**
   * @param rename Takes the new name; throws an error to show if it can't.
   * @param asked Called when the first question is answered.
   */
  constructor(rename: (name: string) => void, private readonly asked: () => void) {
    this.#guest.addEventListener("click", () => this.#answered());
    this.#first.addEventListener("input", () => this.#firstProblem.textContent = "");
    this.#asking.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        const name = this.#first.value.trim();
        if (name !== "") rename(name);
        this.#answered();
      } catch (error) {
        this.#firstProblem.textContent = (error as Error).message;
      }
    });
    this.#button.addEventListener("click", () => this.#open());
    byId("keep", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    this.#name.addEventListener("input", () => this.#problem.textContent = "");
    this.#name.form!.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        rename(this.#name.value.trim());
        this.#dialog.close();
      } catch (error) {
        this.#problem.textContent = (error as Error).message;
      }
    });
  }

  /** Asks who is there. What is being typed elsewhere isn't disturbed. */
  ask(): void {
    this.#asking.hidden = false;
    const { activeElement } = document;
    const isTyping = activeElement instanceof HTMLTextAreaElement && activeElement.value !== "";
    if (!isTyping) this.#first.focus();
  }

  /** Takes the question back: there is an answer. */
  #answered(): void {
    this.#asking.hidden = true;
    this.asked();
  }

  /** The name was chosen in another way. */
  chosen(): void {
    if (!this.#asking.hidden) this.#asking.hidden = true;
  }

  show(name: string): void {
    this.#button.hidden = false;
    this.#guest.textContent = `Stay ${name}`;
    this.#shown.textContent = name;
  }

  #open(): void {
    this.#problem.textContent = "";
    this.#name.value = this.#shown.textContent ?? "";
    this.#dialog.showModal();
    this.#name.select();
  }
}
