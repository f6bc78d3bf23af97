/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The member's own name, and the dialog to change it. */
import { byId } from "./dom.ts";

export class NameView {
  readonly #button = byId("me", HTMLButtonElement);
  readonly #shown = byId("my-name", HTMLElement);
  readonly #dialog = byId("naming", HTMLDialogElement);
  readonly #name = byId("name", HTMLInputElement);
  readonly #problem = byId("name-problem", HTMLElement);

  /** @param rename Takes the new name; throws an error to show if it can't. */
  constructor(rename: (name: string) => void) {
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

  show(name: string): void {
    this.#button.hidden = false;
    this.#shown.textContent = name;
  }

  #open(): void {
    this.#problem.textContent = "";
    this.#name.value = this.#shown.textContent ?? "";
    this.#dialog.showModal();
    this.#name.select();
  }
}
