/** The terminal while it has an input line: how it is entered, left, and stopped in between. */
import { settledWithin } from "../../core/time.ts";
import { print } from "../../transports/stdio.ts";
import {
  giveBackTerminal,
  takeTerminal,
  type Tenant,
  terminalSize,
} from "../../transports/terminal.ts";
import { handleTerminalSignals } from "../../transports/terminal_signals.ts";
import { ErrorLines } from "./error_lines.ts";
import { LEAVE_PASTES, MARK_PASTES } from "./keyboard.ts";
import { Screen, type ScreenOptions } from "./screen.ts";

/** Time that a terminal has to take the last words, milliseconds. */
const PATIENCE = 500;

export class Stage {
  readonly screen: Screen;
  readonly #tenant: Tenant;
  #isLeft = false;
  /** Lets go what has to be written after a stop. */
  #goOn = () => {};

  constructor(shown: Pick<ScreenOptions, "input" | "styled" | "lineClosed">) {
    const screen = new Screen({ ...shown, write: print, size: terminalSize });
    const errors = new ErrorLines((lines) => screen.printLines(lines));
    this.screen = screen;
    this.#tenant = {
      farewell: `${LEAVE_PASTES}\r\n`,
      get isIdle() {
        return screen.isIdle;
      },
      get written() {
        return screen.written;
      },
      line: (text) => errors.write(text),
      status: (text) => screen.status = text,
    };
  }

  /** Reads key by key, and draws. Throws if the terminal is gone. */
  enter(): void {
    takeTerminal(this.#tenant);
    handleTerminalSignals({
      resized: () => this.#isLeft || this.screen.refresh(),
      suspend: () => this.#suspend(),
      resumed: () => this.#resume(),
    });
    this.screen.enter(MARK_PASTES);
  }

  /** Writes the last words, and gives the terminal back. */
  async leave(words: string): Promise<void> {
    this.#isLeft = true;
    await settledWithin(this.screen.leave(words + LEAVE_PASTES), PATIENCE);
    giveBackTerminal();
  }

  async #suspend(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#goOn = resolve;
    await settledWithin(this.screen.leave(LEAVE_PASTES, promise), PATIENCE);
    giveBackTerminal();
  }

  /** Draws again, also after a stop that nobody announced (SIGSTOP). */
  #resume(): void {
    try {
      takeTerminal(this.#tenant);
    } catch {
      // The terminal is gone, which the next read reports.
    }
    this.screen.enter(MARK_PASTES);
    this.#goOn();
  }
}
