/** Terminals that a picture is taken of: real ones, of tmux, in which coax runs. */
import { Terminal } from "../../tests/e2e/tmux.ts";
import { readRows } from "./ansi.ts";
import { Ports } from "./ports.ts";
import { drawTerminals, type Screen } from "./terminal_svg.ts";

interface Shot {
  readonly title: string;
  readonly terminal: Terminal;
  readonly columns: number;
  readonly hasCursor: boolean;
}

export interface ScreenOptions {
  /** Fewest that hold the longest row: a picture is read on narrow screens, too. */
  readonly columns?: number;
  readonly rows?: number;
  /** Whether the picture shows where the cursor is. */
  readonly cursor?: boolean;
}

/** A green `$`, as dash and tmux take it. */
const PROMPT = "'\x1b[32m$\x1b[39m '";

/** Several terminals side by side, and the ports that their programs share. */
export class Session implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #shots: Shot[] = [];
  readonly #ports = new Ports();

  /** A free port that pictures show as `name`, which has four digits. Before any terminal. */
  port(name: string): string {
    return this.#ports.take(name);
  }

  /** Opens a terminal, which stands below those before it. */
  async open(title: string, options: ScreenOptions = {}): Promise<Terminal> {
    const { columns = 80, rows = 24, cursor = false } = options;
    const env = { PS1: PROMPT, TERM: "xterm-256color" };
    const terminal = this.#resources.use(await Terminal.open({ columns, rows, env }));
    for (const [port, name] of this.#ports) terminal.call(name, port);
    this.#shots.push({ title, terminal, columns, hasCursor: cursor });
    return terminal;
  }

  /** What the terminals show now, as SVG; `title` says what that is. */
  async picture(title: string): Promise<string> {
    const screens: Screen[] = [];
    for (const { title, terminal, columns, hasCursor } of this.#shots) {
      const [column, row] = await terminal.cursor();
      const rows = readRows(await terminal.colors());
      const cursor = hasCursor ? { column, row } : undefined;
      screens.push({ title, columns, rows: hasCursor ? upTo(rows, row) : rows, cursor });
    }
    return drawTerminals(screens, title);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

/** The rows, and empty ones as far as the cursor's. */
function upTo<Row>(rows: readonly Row[][], row: number): Row[][] {
  return [...rows, ...Array.from({ length: Math.max(0, row + 1 - rows.length) }, () => [])];
}
