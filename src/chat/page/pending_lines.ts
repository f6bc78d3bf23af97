/**
 * Lines that have been typed and not been acknowledged yet: the room delivers each line to its
 * author too. A line that is pending when the connection is lost is looked for in the history, and
 * sent again only if it isn't there.
 */
import { nameKey } from "../protocol/names.ts";
import type { News } from "../protocol/news.ts";

/** Most lines that are kept while nothing can be sent. */
export const MOST_PENDING = 100;

export interface PendingLine {
  readonly type: "say" | "me" | "msg";
  readonly text: string;
  readonly to?: string;
}

export class PendingLines {
  readonly #lines: { readonly line: PendingLine; readonly names: string[] }[] = [];

  /** All pending lines, oldest first. */
  get lines(): PendingLine[] {
    return this.#lines.map(({ line }) => line);
  }

  add(line: PendingLine): void {
    this.#lines.push({ line, names: [] });
  }

  /** Notes that `line` is sent now, under the name `name`. */
  markSent(line: PendingLine, name: string): void {
    this.#lines.find((entry) => entry.line === line)?.names.push(name);
  }

  /** Whether a pending line was sent under this name. */
  isSentAs(name: string | undefined): boolean {
    return name !== undefined && this.#lines.some(({ names }) => names.includes(name));
  }

  /** Removes a line. */
  drop(line: PendingLine): void {
    const index = this.#lines.findIndex((entry) => entry.line === line);
    if (index >= 0) this.#lines.splice(index, 1);
  }

  /**
   * Removes the pending line that `news` acknowledges, if there is one, and all before it. Returns
   * those before it: the room works in order, so it has lost them.
   */
  acknowledge(news: News, me: string): PendingLine[] {
    const index = this.#lines.findIndex(({ line, names }) =>
      names.length > 0 && (news.from === me || names.includes(news.from!)) && isSame(line, news)
    );
    return this.#lines.splice(0, index + 1).slice(0, -1).map(({ line }) => line);
  }
}

function isSame({ type, text, to = "" }: PendingLine, news: News): boolean {
  return type === news.type && text === news.text &&
    (type !== "msg" || nameKey(to) === nameKey(news.to ?? ""));
}
