/** A real terminal, of tmux, with a shell in it: keys go in, and a test looks at the screen. */
import { assertEquals } from "@std/assert";
import { available } from "../interop/peer_program.ts";
import { DEADLINE, shellLine, temporary } from "./coax.ts";
import { until } from "../support/wait.ts";

export const tmux = {
  name: "tmux",
  available: available("tmux", ["-V"], /^tmux \d/),
};

/** How often the screen is looked at, milliseconds. */
const POLL = 20;

interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class Terminal implements AsyncDisposable {
  /** What addresses and the like are shown as, so that a screen is the same in each run. */
  readonly #names = new Map<string, string>();

  private constructor(private readonly folder: { path: string } & AsyncDisposable) {}

  /** Opens a terminal. In its shell, `coax` is the program; `run` is too, and tells its status. */
  static async open({ columns = 80, rows = 24, env = {} }: ScreenOptions = {}): Promise<Terminal> {
    const folder = await temporary();
    const terminal = new Terminal(folder);
    const script = `#!/bin/sh\necho $$ >${folder.path}/pid\nexec ${shellLine([])} "$@"\n`;
    await Deno.writeTextFile(`${folder.path}/coax`, script, { mode: 0o755 });
    const exports = Object.entries({ NO_COLOR: "", ...env })
      .map((pair) => `export ${pair.join("=")}\n`).join("");
    const before = `stty -a >${folder.path}/before`;
    const after = `stty -a >${folder.path}/after`;
    await Deno.writeTextFile(
      `${folder.path}/rc`,
      `PS1='$ '\n${exports}PATH=${folder.path}:$PATH\nrun_program() { ${before}; "$@"; echo "status $?"; ${after}; }\n` +
        `run() { run_program coax "$@"; }\nclear\n`,
    );
    const variables = {
      LC_ALL: "C.UTF-8",
      PATH: Deno.env.get("PATH") ?? "",
      ENV: `${folder.path}/rc`,
    };
    const settings = Object.entries(variables).flatMap((pair) => ["-e", pair.join("=")]);
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", ...size, ...settings, "sh");
    await terminal.#tmux("set", "-g", "escape-time", "0");
    await terminal.shows(["$ |"]);
    return terminal;
  }

  /** Shows `text` as `name` from now on. */
  call(name: string, text: string): void {
    this.#names.set(text, name);
  }

  /** Types text; it may have several lines. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
  }

  /** Presses keys by their names in tmux: `Enter`, `C-d`, `Left`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** Types a command line, and Enter. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press("Enter");
  }

  /** Pastes text, as a terminal does: with marks around it where the program has asked for them. */
  async paste(text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder.path}/paste`, text);
    await this.#tmux("load-buffer", `${this.folder.path}/paste`);
    await this.#tmux("paste-buffer", "-p");
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** The rows of the screen down to the last that isn't empty, and `|` where the cursor is. */
  async screen(): Promise<string[]> {
    const [x, y] = await this.cursor();
    const rows = (await this.#tmux("capture-pane", "-p")).split("\n");
    while (rows.length > y + 1 && rows.at(-1) === "") rows.pop();
    rows[y] = withCursor(rows[y]!, x);
    return rows.map((row) => this.#named(row));
  }

  /** Column and row of the cursor, from 0. */
  async cursor(): Promise<[number, number]> {
    const position = await this.#tmux("display", "-p", "#{cursor_x},#{cursor_y}");
    const [x, y] = position.trim().split(",").map(Number);
    return [x!, y!];
  }

  /** The screen with escape sequences for colors, without the cursor. */
  async colors(): Promise<string> {
    return this.#named(await this.#tmux("capture-pane", "-p", "-e"));
  }

  /** Waits until the screen has these rows, below the last `$ run …` where there is one. */
  async shows(expected: readonly string[]): Promise<void> {
    await this.#until((rows) => {
      return rows.slice(rows.findLastIndex((row) => row.startsWith("$ run")) + 1);
    }, expected);
  }

  /** Waits until the screen's last rows are these. */
  async endsWith(expected: string | readonly string[], what?: string): Promise<void> {
    const wanted = [expected].flat();
    await this.#until((rows) => rows.slice(-wanted.length), wanted, what);
  }

  /** Waits until the screen has a match. */
  async finds(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + DEADLINE;
    for (;;) {
      const screen = (await this.screen()).join("\n");
      const found = pattern.exec(screen);
      if (found) return found;
      if (performance.now() > end) throw new Error(`no ${pattern} in\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  /** Whether a program has asked for marks around pastes. */
  async marksPastes(): Promise<boolean> {
    await this.paste("x");
    await this.finds(/\$ .*x/);
    return (await this.screen()).join("").includes("200~");
  }

  async #until(
    part: (rows: string[]) => string[],
    wanted: readonly string[],
    what?: string,
  ): Promise<void> {
    const end = performance.now() + DEADLINE;
    for (;;) {
      const screen = await this.screen();
      if (part(screen).join("\n") === wanted.join("\n")) return;
      if (performance.now() > end) return assertEquals(screen.join("\n"), wanted.join("\n"), what);
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  /** Stops the terminal, which takes nothing until the disposal. */
  async standsStill(): Promise<Disposable> {
    const pid = Number(await this.#tmux("display", "-p", "#{pid}"));
    Deno.kill(pid, "SIGSTOP");
    return { [Symbol.dispose]: () => Deno.kill(pid, "SIGCONT") };
  }

  /** The process of the coax that was started last. */
  async pid(): Promise<number> {
    return Number(await Deno.readTextFile(`${this.folder.path}/pid`));
  }

  /** Sends a signal to that process alone. */
  async signal(signal: Deno.Signal): Promise<void> {
    Deno.kill(await this.pid(), signal);
  }

  /** Checks that the last `run` has left the terminal as it was. */
  async isRestored(): Promise<void> {
    const [before, after] = await Promise.all(
      ["before", "after"].map((name) => Deno.readTextFile(`${this.folder.path}/${name}`)),
    );
    assertEquals(after, before);
  }

  #named(text: string): string {
    return [...this.#names].reduce((named, [from, to]) => named.replaceAll(from, to), text);
  }

  async #tmux(...args: string[]): Promise<string> {
    const socket = `${this.folder.path}/tmux`;
    const env = { LC_ALL: "C.UTF-8" };
    const command = new Deno.Command("tmux", { args: ["-u", "-S", socket, ...args], env });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`tmux ${args[0]}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {}); // It may have ended with its shell.
    // What ran in it may still write its history while it ends.
    const removed = async () => {
      return await this.folder[Symbol.asyncDispose]().then(() => true, () => false);
    };
    await until(removed, "the terminal's folder is removed");
  }
}

/** A row with `|` at a column; wide characters take two. */
function withCursor(row: string, column: number): string {
  let at = 0;
  let used = 0;
  for (const char of row) {
    if (used >= column) break;
    used +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u
          .test(char)
        ? 2
        : 1;
    at += char.length;
  }
  return row.slice(0, at) + " ".repeat(Math.max(0, column - used)) + "|" + row.slice(at);
}
