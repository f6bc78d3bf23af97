/** A folder with `coax` and `deno` in its `bin`, and free ports in place of a page's. */
import { quote, shellLine, temporary } from "./coax.ts";
import { unusedPort } from "./peers.ts";

/** Numbers that a page uses as ports, and for nothing else. */
const PORT = /\b(1080|[2-9]\d{3})\b/g;

export class Workspace implements AsyncDisposable {
  readonly #ports = new Map<string, string>();

  private constructor(readonly path: string, private readonly folder: AsyncDisposable) {}

  static async make(): Promise<Workspace> {
    const folder = await temporary();
    const workspace = new Workspace(folder.path, folder);
    await Deno.mkdir(`${folder.path}/bin`);
    await workspace.#program("coax", shellLine([]));
    await workspace.#program("deno", quote(Deno.execPath()));
    return workspace;
  }

  async #program(name: string, words: string): Promise<void> {
    const text = `#!/bin/sh\nexec ${words} "$@"\n`;
    await Deno.writeTextFile(`${this.path}/bin/${name}`, text, { mode: 0o755 });
  }

  /** The text with free ports in place of the page's: the same one for the same number. */
  here(text: string): string {
    return text.replaceAll(PORT, (port) => {
      if (!this.#ports.has(port)) this.#ports.set(port, `${unusedPort()}`);
      return this.#ports.get(port)!;
    });
  }

  /** The text with the page's ports in place of those that were free. */
  onPage(text: string): string {
    const pages = new Map([...this.#ports].map(([page, here]) => [here, page]));
    return text.replaceAll(/\b\d{4,5}\b/g, (port) => pages.get(port) ?? port);
  }

  /** Writes a file of the page into the folder. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}/${name}`, this.here(text));
  }

  /** The environment in which a reader's commands find the programs. */
  get env(): Record<string, string> {
    return { PATH: `${this.path}/bin:${Deno.env.get("PATH")}`, NO_COLOR: "1", LC_ALL: "C.UTF-8" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}
