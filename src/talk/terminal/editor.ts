/**
 * The text that is being typed, and the keys that change it. Editing and history are Node's
 * `readline`, without its output: what it edits is drawn elsewhere.
 */
import { EventEmitter } from "node:events";
import { createInterface, emitKeypressEvents, type Interface, type Key } from "node:readline";
import type { Typed } from "../../chat/protocol/completion.ts";
import { clusterEnd, clusterStart } from "./cells.ts";
import { movedInLines } from "./text_lines.ts";

/** Lines that are kept for the arrow keys, and the characters of all of them. */
const HISTORY_LINES = 500;
const HISTORY_SIZE = 256 * 1024;
/** Longest text that is being edited, UTF-16 code units. */
export const LONGEST_TEXT = 64 * 1024;
/** An escape character is the Escape key if nothing follows within this time, milliseconds. */
const ESCAPE_WAIT = 50;

/** What keys ask for beyond editing. */
export interface EditorHandler {
  /** The text goes, with Enter. */
  submit(text: string): void;
  /** The text goes as it is, without a newline. */
  flush(text: string): void;
  /** The input ends: Ctrl-D in an empty line. */
  end(): void;
  /** Ctrl-C, where the terminal makes no signal of it. */
  interrupt(): void;
  /** Ctrl-L. */
  clearScreen(): void;
  /** Tab: what is typed with the word before the cursor completed; undefined for a tab. */
  complete(typed: Typed): Typed | undefined;
  /** The text is longer than the editor takes, and is handed over in parts. */
  tooLong(): void;
}

/** What `readline` sees of a terminal. */
class NoTerminal extends EventEmitter {
  readonly columns = 80;
  write(): boolean {
    return true;
  }
  pause(): this {
    return this;
  }
  resume(): this {
    return this;
  }
}

type Streams = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream };

/** `readline`'s editor, whose text and cursor may be set as well as read. */
type Readline = Interface & { line: string; cursor: number; history: string[] };

/**
 * Keeps `readline` from measuring the whole text for each key: it draws nothing here, and a long
 * text would take half a second.
 */
function withoutDrawing(readline: Readline): Readline {
  readline.getCursorPos = () => ({ rows: 0, cols: 0 });
  for (let object: object | null = readline; object; object = Object.getPrototypeOf(object)) {
    const drawing = Object.getOwnPropertySymbols(object)
      .find(({ description }) => description === "_refreshLine");
    if (!drawing) continue;
    Object.defineProperty(readline, drawing, { value: () => {} });
    break;
  }
  return readline;
}

export class Editor {
  readonly #keys = new NoTerminal();
  readonly #readline: Readline;
  #literally = false;

  constructor(private readonly handler: EditorHandler) {
    const streams = { input: new NoTerminal(), output: new NoTerminal() } as unknown as Streams;
    this.#readline = withoutDrawing(
      createInterface({
        ...streams,
        terminal: true,
        historySize: HISTORY_LINES,
        removeHistoryDuplicates: true,
      }) as Readline,
    );
    this.#readline.on("line", (text) => this.#submit(text));
    const keys = this.#keys as unknown as NodeJS.ReadableStream;
    emitKeypressEvents(keys, { escapeCodeTimeout: ESCAPE_WAIT } as unknown as Interface);
    this.#keys.on("keypress", (text: string | undefined, key: Key) => {
      this.#press(text, key);
      this.#limit();
    });
  }

  get text(): string {
    return this.#readline.line;
  }

  /** Offset in `text`, code units. */
  get cursor(): number {
    return this.#readline.cursor;
  }

  /** Takes typed characters and escape sequences. */
  type(text: string): void {
    this.#keys.emit("data", text);
  }

  /** Inserts text as it is, newlines too. */
  insert(text: string): void {
    const { text: before, cursor } = this;
    this.#set(before.slice(0, cursor) + text + before.slice(cursor), cursor + text.length);
    this.#limit();
  }

  close(): void {
    this.#keys.removeAllListeners();
    this.#readline.removeAllListeners();
    this.#readline.close();
  }

  #set(text: string, cursor: number): void {
    this.#readline.line = text;
    this.#readline.cursor = cursor;
  }

  #submit(text: string): void {
    const { history } = this.#readline;
    let size = 0;
    const kept = history.findIndex((line) => (size += line.length) > HISTORY_SIZE);
    if (kept >= 0) history.splice(kept);
    this.handler.submit(text);
  }

  /** Sends what doesn't fit the limit, up to the last whole line. */
  #limit(): void {
    const { text, cursor } = this;
    if (text.length <= LONGEST_TEXT) return;
    this.handler.tooLong();
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) this.handler.submit(text.slice(0, end));
    else this.handler.flush(text);
    this.#set(end > 0 ? text.slice(end) : "", Math.max(0, cursor - (end || text.length)));
  }

  #press(text: string | undefined, key: Key): void {
    if (this.#literally) {
      this.#literally = false;
      return this.insert(key.sequence ?? text ?? "");
    }
    const own = this.#ownKey(`${key.ctrl ? "ctrl-" : ""}${key.meta ? "meta-" : ""}${key.name}`);
    if (own) own();
    else this.#readline.write(text ?? "", key);
    this.#snap();
  }

  /** What a key does that `readline` has otherwise, or not at all. */
  #ownKey(name: string): (() => void) | undefined {
    const { text, cursor, handler } = this;
    switch (name) {
      case "return":
      case "enter":
        return () => this.#readline.write("", { name: "return" });
      case "meta-return":
      case "meta-enter":
        return () => this.insert("\n");
      case "tab":
        return () => this.#complete();
      case "ctrl-v":
        return () => this.#literally = true;
      case "ctrl-c":
        return () => handler.interrupt();
      case "ctrl-d":
        return () => this.#endOfInput();
      case "ctrl-l":
        return () => handler.clearScreen();
      case "ctrl-z":
        return () => {};
      case "left":
      case "ctrl-b":
        return () => this.#set(text, clusterStart(text, cursor));
      case "right":
      case "ctrl-f":
        return () => this.#set(text, clusterEnd(text, cursor));
      case "backspace":
      case "ctrl-h":
        return () => this.#repeat("backspace", text.slice(clusterStart(text, cursor), cursor));
      case "delete":
        return () => this.#repeat("delete", text.slice(cursor, clusterEnd(text, cursor)));
      default:
        return this.#keyInLines(name);
    }
  }

  /** The same for keys that move within a line of several. */
  #keyInLines(name: string): (() => void) | undefined {
    const { text, cursor } = this;
    const to = movedInLines(name, text, cursor);
    if (to !== undefined) return () => this.#set(text, to);
    return name === "up" ? () => this.#recall() : undefined;
  }

  #complete(): void {
    const { text, cursor, handler } = this;
    const completed = handler.complete({ text, cursor });
    if (completed) this.#set(completed.text, completed.cursor);
    else this.insert("\t");
  }

  /** The line before in the history. `readline` goes on to an empty line at its beginning. */
  #recall(): void {
    this.#readline.write("", { name: "up" });
    if (!this.#readline.history.includes(this.text)) this.#readline.write("", { name: "down" });
  }

  /** Ctrl-D: the end, in an empty line; what is typed, behind it; else the character is deleted. */
  #endOfInput(): void {
    const { text, cursor, handler } = this;
    if (text === "") return handler.end();
    if (cursor < text.length) {
      return this.#repeat("delete", text.slice(cursor, clusterEnd(text, cursor)));
    }
    this.#set("", 0);
    handler.flush(text);
  }

  /** Presses a key once for each character of `cluster`. */
  #repeat(name: string, cluster: string): void {
    for (const _ of cluster) this.#readline.write("", { name });
  }

  /** Moves a cursor out of the inside of a cluster. */
  #snap(): void {
    const { text, cursor } = this;
    if (cursor > 0) this.#set(text, clusterEnd(text, cursor - 1));
  }
}
