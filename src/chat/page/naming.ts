/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** One's own name, and the dialog that changes it. */
import { part } from "./dom.ts";

export class NameView {
  readonly #button = part("me", HTMLButtonElement);
  readonly #shown = part("my-name", HTMLElement);
  readonly #dialog = part("naming", HTMLDialogElement);
  readonly #name = part("name", HTMLInputElement);
  readonly #problem = part("name-problem", HTMLElement);

  /** @param rename Takes the new name, or throws why not. */
  constructor(rename: (name: string) => void) {
    this.#button.addEventListener("click", () => this.#open());
    part("keep", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
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
