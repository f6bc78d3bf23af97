/** The interfaces that a session needs of the page: the screen, and a store for the name. */
import type { News } from "../protocol/news.ts";
import type { PendingLine } from "./pending_lines.ts";

/** A piece of an event's text: words of the page, or a member's name. */
export type TextPiece = string | { readonly name: string };

/** The views of the page, as a session uses them. */
export interface Screen {
  /** @param fresh Whether it is new to the reader, not the history for a new member. */
  showLine(news: News, mine: boolean, fresh: boolean): void;
  showEvent(pieces: readonly TextPiece[], kind: "presence" | "notice", time?: string): void;
  enter(room: string): void;
  roster(me: string, members: readonly string[]): void;
  /** @param soon Whether they are on their way, and most likely acknowledged in a moment. */
  showPending(lines: readonly PendingLine[], soon: boolean): void;
  /** Sets whether a screen reader announces what is added; off while the history is added. */
  live(on: boolean): void;
}

/** Stores the chosen name for the next time that the page is opened. */
export interface NameStore {
  name: string | undefined;
}
