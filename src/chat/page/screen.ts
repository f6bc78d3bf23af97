/** What a session needs of the page around it: a place to show itself, and one to keep a name. */
import type { News } from "../protocol/news.ts";
import type { Line } from "./pending_lines.ts";

/** Text of the page itself; names stand apart from it. */
export type Piece = string | { readonly name: string };

/** Where a session shows itself. */
export interface Screen {
  /**
   * @param fresh Whether the reader hasn't had the chance to see it: not the past of a newcomer.
   */
  said(news: News, mine: boolean, fresh: boolean): void;
  told(pieces: readonly Piece[], kind: "presence" | "notice", time?: string): void;
  enter(room: string): void;
  roster(me: string, members: readonly string[]): void;
  /** @param soon Whether they are on their way, and most likely gone in a moment. */
  waiting(lines: readonly Line[], soon: boolean): void;
  /** Whether what comes is to be read aloud: not while the past is put on the screen. */
  live(on: boolean): void;
}

/** Keeps the chosen name for the next time that the page is opened. */
export interface Memory {
  name: string | undefined;
}
