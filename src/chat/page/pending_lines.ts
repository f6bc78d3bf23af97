/**
 * Lines that have been typed and not come back yet. A line is done when the room shows it to
 * everyone, its author too; one whose fate is unknown when the connection breaks is looked for in
 * the history, and sent again only if it isn't there.
 */
import { nameKey } from "../protocol/names.ts";
import type { News } from "../protocol/news.ts";

/** Lines that are kept while nothing can be sent. */
export const MOST_WAITING = 100;

export interface Line {
  readonly type: "say" | "me" | "msg";
  readonly text: string;
  readonly to?: string;
}

export class PendingLines {
  readonly #lines: { readonly line: Line; readonly names: string[] }[] = [];

  /** All of them, oldest first. */
  get lines(): Line[] {
    return this.#lines.map(({ line }) => line);
  }

  add(line: Line): void {
    this.#lines.push({ line, names: [] });
  }

  /** Notes that `line` goes out now, said by `name`. */
  sending(line: Line, name: string): void {
    this.#lines.find((entry) => entry.line === line)?.names.push(name);
  }

  /** Gives a line up. */
  drop(line: Line): void {
    const index = this.#lines.findIndex((entry) => entry.line === line);
    if (index >= 0) this.#lines.splice(index, 1);
  }

  /**
   * A line has come from the room: if it is ours, it is done. Returns the lines before it that the
   * room has not taken: it goes in order.
   */
  heard(news: News, me: string): Line[] {
    const index = this.#lines.findIndex(({ line, names }) =>
      names.length > 0 && (news.from === me || names.includes(news.from!)) && isSame(line, news)
    );
    return this.#lines.splice(0, index + 1).slice(0, -1).map(({ line }) => line);
  }
}

function isSame({ type, text, to = "" }: Line, news: News): boolean {
  return type === news.type && text === news.text &&
    (type !== "msg" || nameKey(to) === nameKey(news.to ?? ""));
}
