/** How the lines of a room look: each name in a colour of its own, and who we are. */
import { bold, dim, rgb8 } from "@std/fmt/colors";
import { partsOf, renamedTo, welcomedAs } from "../../chat/protocol/line_parts.ts";
import { hueOf } from "../../chat/protocol/names.ts";

/**
 * Colours of xterm's 256, by hue, that are read on black and on white: each has a contrast of at
 * least 3.8 with both (WCAG 2.2 asks for 3 of large text).
 */
const COLORS = [196, 166, 130, 100, 64, 28, 29, 30, 31, 27, 63, 98, 129, 163, 161];

/** A name in its colour, the same wherever it stands. */
export function tinted(name: string): string {
  return rgb8(name, COLORS[Math.floor(hueOf(name) / 360 * COLORS.length)]!);
}

/** Most names that are known. */
const MOST_NAMES = 1000;

export class RoomLook {
  /** Names in lines that have arrived, the latest last. */
  readonly #names = new Set<string>();
  /** Whether the peer is a room, as far as its first line tells. */
  #isRoom: boolean | undefined;

  /** @param name Our own name where that is known; then this is the room. */
  constructor(private name?: string) {
    if (name !== undefined) this.#isRoom = true;
  }

  /** Our own name in the room; undefined where we aren't in one. */
  get ownName(): string | undefined {
    return this.name;
  }

  /** Names of others that have been seen and haven't left, the latest first. */
  get others(): string[] {
    return [...this.#names].filter((name) => name !== this.name).reverse();
  }

  /** Learns from a line that has arrived. Returns whether the own name is another now. */
  learn(line: string): boolean {
    const before = this.name;
    this.#learnNames(line);
    if (this.#isRoom === undefined) {
      this.name = welcomedAs(line);
      this.#isRoom = this.name !== undefined;
    } else if (before !== undefined) {
      this.name = renamedTo(line, before) ?? before;
    }
    return this.name !== before;
  }

  #learnNames(line: string): void {
    const read = this.#isRoom ? partsOf(line) : undefined;
    if (!read) return;
    const names = read.parts.filter(({ name }) => name).map(({ text }) => text);
    for (const name of names) {
      this.#names.delete(name);
      this.#names.add(name);
    }
    const [first, verb] = [names[0], read.parts[2]?.text ?? ""];
    if (read.type === "news" && /^ (?:has left|is now )/.test(verb)) this.#names.delete(first!);
    if (this.#names.size > MOST_NAMES) this.#names.delete(this.#names.values().next().value!);
  }

  /** The line with its names in colour, and news of the room itself dimmed. */
  colored(line: string): string {
    const read = this.#isRoom ? partsOf(line) : undefined;
    if (!read) return line;
    const text = read.parts.map(({ text, name }) => name ? tinted(text) : text);
    if (read.type === "said") return text.join("");
    return read.parts.map(({ text, name }) => name ? tinted(text) : dim(text)).join("");
  }

  /** What is written before each line that we type. */
  get prompt(): { text: string; style: (text: string) => string } {
    const { name } = this;
    if (name === undefined) return { text: "> ", style: bold };
    return { text: `${name}> `, style: (text) => bold(text.replace(name, tinted)) };
  }
}
