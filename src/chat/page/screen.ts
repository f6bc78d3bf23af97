/** The interfaces that a session needs of the page: the screen, and what is remembered. */
import type { News } from "../protocol/news.ts";
import type { PendingLine } from "./pending_lines.ts";

/** A piece of an event's text: words of the page, or a member's name. */
export type TextPiece = string | { readonly name: string };

/** Who is in the room. */
export interface Roster {
  readonly me: string;
  /** All members, `me` too. */
  readonly members: readonly string[];
  /** Names of those who have left a short time ago. */
  readonly away: readonly string[];
}

/** The views of the page, as a session uses them. */
export interface Screen {
  /** Whether somebody looks at it. */
  readonly isWatched: boolean;
  /** @param fresh Whether it is new to the reader, not the history for a new member. */
  showLine(news: News, mine: boolean, fresh: boolean): void;
  /** @param alone The other member of the private conversation that it is about. */
  showEvent(
    pieces: readonly TextPiece[],
    kind: "presence" | "notice",
    time?: string,
    alone?: string,
  ): void;
  /** Shows where the reader has left off: before the next line. */
  showMark(): void;
  /** Shows what can be typed. */
  showHelp(): void;
  /** @param pages Addresses of the page under which other machines may reach it. */
  enter(room: string, pages: readonly string[]): void;
  roster(roster: Roster): void;
  /** A member has another name now. */
  renamed(from: string, to: string, mine: boolean): void;
  /** The reader has no name of its own choice yet. */
  askName(): void;
  /** @param soon Whether they are on their way, and most likely acknowledged in a moment. */
  showPending(lines: readonly PendingLine[], soon: boolean): void;
  /** Sets whether a screen reader announces what is added; off while the history is added. */
  live(on: boolean): void;
}

/** What the page remembers until the next time that it is opened. */
export interface PageMemory {
  /** The chosen name. */
  name: string | undefined;
  /** Whether the reader was asked for a name, and has stayed a guest. */
  readonly isAsked: boolean;
  /** The id of the last line that the reader has seen. */
  readonly seen: string | undefined;
}
