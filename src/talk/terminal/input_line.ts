/**
 * Our own stdin and stdout with an input line: what is typed stands in the terminal's last rows
 * until Enter, and what arrives is written above it.
 */
import { dim } from "@std/fmt/colors";
import { NameCompletion } from "../../chat/protocol/completion.ts";
import type { Duplex } from "../../core/duplex.ts";
import { LocalError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { pressInterrupt } from "../../transports/terminal.ts";
import type { SharedLines } from "../../wrap/prefix.ts";
import { DuplexWrapper } from "../../wrap/wrapper.ts";
import { Editor } from "./editor.ts";
import { widthOf } from "./cells.ts";
import { inputView, linesOf, type Look, type Space, type View } from "./input_view.ts";
import { Keyboard } from "./keyboard.ts";
import { RoomLook } from "./room_look.ts";
import { Stage } from "./stage.ts";
import { TypedQueue } from "./typed_queue.ts";
import { bytesOfTyped, visible } from "./typed_text.ts";

export interface InputLineOptions {
  readonly color: boolean;
  /** Gets what a person has to know about what was typed. */
  readonly log: Log;
  /** The lines of our stdout. */
  readonly lines: SharedLines;
  /** Our own name in the room that this is; undefined where the peer may be a room. */
  readonly ownName?: string;
  /** Called when a person has ended the input, with Ctrl-D. */
  readonly onEnd?: () => void;
}

/** Bytes that are read from the terminal at once. */
const BUFFER_SIZE = 4096;

/** The prompt on a narrow terminal. */
const SHORT_PROMPT = "> ";

const plain = (text: string) => text;

export class InputLine extends DuplexWrapper implements AsyncDisposable {
  readonly #typed = new TypedQueue();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #editor: Editor;
  readonly #keyboard: Keyboard;
  readonly #stage: Stage;
  readonly #room: RoomLook;
  readonly #completion = new NameCompletion();
  #state: "new" | "open" | "ended" | "left" = "new";
  readonly #told = new Set<string>();

  /** @param stdio Our own stdin and stdout, which are a terminal. */
  constructor(stdio: Duplex, private readonly options: InputLineOptions) {
    super(stdio);
    this.#room = new RoomLook(options.ownName);
    this.#editor = new Editor({
      submit: (text) => this.#send(text),
      flush: (text) => this.#flush(text),
      end: () => this.#end(),
      interrupt: pressInterrupt,
      clearScreen: () => this.#stage.screen.clear(),
      complete: (typed) => this.#completion.complete(typed, this.#room.others),
      tooLong: () => this.#tell("too-long", "a text this long is sent as it comes, before Enter"),
    });
    this.#keyboard = new Keyboard({
      typed: (text) => this.#change(() => this.#editor.type(text)),
      pasted: (text) => this.#change(() => this.#editor.insert(text)),
    });
    this.#stage = new Stage({
      input: (space) => this.#state === "open" ? this.#view(space) : undefined,
      styled: (line) => this.#styled(line),
      lineClosed: () => options.lines.last = undefined,
    });
  }

  override read(buffer: Uint8Array): Promise<number | null> {
    this.#open();
    return this.#typed.read(buffer);
  }

  /** Writes text above what is typed. */
  override async write(bytes: Uint8Array): Promise<void> {
    this.#open();
    await this.#stage.screen.print(this.#decoder.decode(bytes, { stream: true }));
  }

  override close(reason?: Error): void {
    this.#typed.end();
    super.close(reason);
  }

  /** Leaves the terminal as it was. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "new" || this.#state === "left") return;
    const { text } = this.#editor;
    this.#state = "left";
    this.#keyboard.close();
    this.#editor.close();
    const unsent = linesOf(text).map((line) => this.#ownLine(line, "not sent"));
    await this.#stage.leave(text === "" ? "" : unsent.map((line) => `${line}\n`).join(""));
    const { unread } = this.#typed;
    if (unread === 0) return;
    const lines = unread === 1 ? "the last line" : `the last ${unread} lines`;
    this.options.log.warn("unsent", `${lines} that you typed weren't sent`);
  }

  /** Begins with the first use: what is typed before waits in the terminal. */
  #open(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    try {
      this.#stage.enter();
    } catch (error) {
      throw new LocalError("read", "stdin", (error as Error).message, { cause: error });
    }
    this.#readKeys().catch((error) => this.#typed.end(error));
  }

  async #readKeys(): Promise<void> {
    const buffer = new Uint8Array(BUFFER_SIZE);
    for (;;) {
      const count = await this.inner.read(buffer);
      if (this.#state === "left") return;
      if (count === null) return this.#typed.end();
      this.#keyboard.feed(buffer.subarray(0, count));
      await this.#typed.room();
    }
  }

  /** Applies what was typed; after the end, says once that it goes nowhere. */
  #change(apply: () => void): void {
    if (this.#state === "open") {
      apply();
      this.#stage.screen.refresh();
    } else if (this.#state === "ended") {
      this.#tell("ended", "your side has ended: what you type goes nowhere, Ctrl-C leaves");
    }
  }

  /** Logs what a person has to know, once. */
  #tell(event: string, text: string): void {
    if (this.#told.has(event)) return;
    this.#told.add(event);
    this.options.log.info(event, text);
  }

  #send(text: string): void {
    const lines = linesOf(text);
    this.#stage.screen.printLines(lines.map((line) => this.#ownLine(line))).catch(() => {});
    for (const line of lines) this.#typed.push(bytesOfTyped(`${line}\n`));
  }

  #flush(text: string): void {
    this.#stage.screen.printLines([this.#ownLine(text, "without its newline")]).catch(() => {});
    this.#typed.push(bytesOfTyped(text));
  }

  #end(): void {
    this.#state = "ended";
    this.#typed.end();
    this.options.onEnd?.();
  }

  /** What is typed; a prompt that would take half of a row is a short one. */
  #view(space: Space): View {
    const look = this.#look;
    const isLong = widthOf(look.prompt) > space.columns / 2;
    return inputView(this.#editor, isLong ? { ...look, prompt: SHORT_PROMPT } : look, space);
  }

  /** A line of ours, as it stays on the terminal. */
  #ownLine(line: string, note?: string): string {
    const { prompt, promptStyle, quiet } = this.#look;
    return promptStyle(prompt) + visible(line) + (note ? quiet(` (${note})`) : "");
  }

  get #look(): Look {
    const { text, style } = this.#room.prompt;
    const { color } = this.options;
    return { prompt: text, promptStyle: color ? style : plain, quiet: color ? dim : plain };
  }

  /** Takes note of a line that has arrived, and gives it its look. */
  #styled(line: string): string {
    this.#room.learn(line);
    return this.options.color ? this.#room.colored(line) : line;
  }
}
