/**
 * Tells a paste from what is typed. A terminal puts marks around a paste where a program asks for
 * it ("bracketed paste", xterm's control sequences, private mode 2004).
 */
import { deadline } from "../../core/deadlines.ts";
import { typedTextDecoder } from "./typed_text.ts";

/** Asks the terminal to mark pastes, and not to. */
export const MARK_PASTES = "\x1b[?2004h";
export const LEAVE_PASTES = "\x1b[?2004l";

const START = "\x1b[200~";
const END = "\x1b[201~";

/** A mark that a read has cut in two is complete within this time, milliseconds. */
const MARK_WAIT = 50;

/** What a keyboard gives. */
interface Receiver {
  /** Characters and escape sequences that were typed. */
  typed(text: string): void;
  /** A piece of a paste, with LF at the end of each line. */
  pasted(text: string): void;
}

export class Keyboard {
  readonly #decoder = typedTextDecoder();
  #pasting = false;
  /** The end of the last read, where that may be the beginning of a mark. */
  #held = "";
  #cancel = () => {};
  #afterCr = false;

  constructor(private readonly receiver: Receiver) {}

  /** Takes what was read from the terminal. */
  feed(bytes: Uint8Array): void {
    this.#cancel();
    let text = this.#held + this.#decoder.write(bytes);
    this.#held = "";
    for (;;) {
      const mark = this.#pasting ? END : START;
      const at = text.indexOf(mark);
      if (at < 0) break;
      this.#pass(text.slice(0, at));
      text = text.slice(at + mark.length);
      this.#pasting = !this.#pasting;
      this.#afterCr = false;
    }
    this.#hold(text);
  }

  /** Forgets what it waits for. */
  close(): void {
    this.#cancel();
  }

  /** Passes text on, but for an end of it that may begin a mark. Escape alone is a key. */
  #hold(text: string): void {
    const mark = this.#pasting ? END : START;
    const least = this.#pasting ? 1 : 2;
    let length = Math.min(mark.length - 1, text.length);
    while (length >= least && !text.endsWith(mark.slice(0, length))) length--;
    if (length < least) return this.#pass(text);
    this.#pass(text.slice(0, -length));
    this.#held = text.slice(-length);
    this.#cancel = deadline(MARK_WAIT, () => {
      const held = this.#held;
      this.#held = "";
      this.#pass(held);
    });
  }

  #pass(text: string): void {
    if (text === "") return;
    if (!this.#pasting) return this.receiver.typed(text);
    const whole = this.#afterCr && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterCr = text.endsWith("\r");
    this.receiver.pasted(whole.replace(/\r\n?/g, "\n"));
  }
}
