/** Puts what the room tells on the screen: each line once, who comes and goes, and notices. */
import type { News } from "../protocol/news.ts";
import { nobodyCalled } from "../protocol/requests.ts";
import type { Line, PendingLines } from "./pending_lines.ts";
import type { Present } from "./present.ts";
import type { Piece, Screen } from "./screen.ts";

/** Ids that are remembered; a room's history is shorter. */
const MOST_SEEN = 20_000;
/** An absence that is worth a word, milliseconds. */
const LONG_ABSENCE = 3_000;

/** What a conversation reports to its session. */
export interface ConversationEvents {
  /** A line is no longer waiting in the outbox. */
  lineDone(): void;
  /** The room calls this member `name` now. */
  renamedTo(name: string): void;
  /** Nobody else is called `name` any more. */
  nameFreed(name: string): void;
}

export class Conversation {
  readonly #seen = new Set<string>();

  constructor(
    private readonly screen: Screen,
    private readonly present: Present,
    private readonly outbox: PendingLines,
    private readonly events: ConversationEvents,
  ) {}

  /** @param fresh Whether the reader hasn't had the chance to see it yet. */
  show(news: News, fresh: boolean): void {
    const { type, from = "", text = "", time } = news;
    switch (type) {
      case "say":
      case "me":
      case "msg":
        return this.#showLine(news, fresh);
      case "join":
        this.present.add(from);
        return this.screen.told([{ name: from }, " has joined"], "presence", time);
      case "leave": {
        this.present.remove(from);
        const why = text && ` (${text})`;
        this.screen.told([{ name: from }, ` has left${why}`], "presence", time);
        return this.events.nameFreed(from);
      }
      case "rename":
        return this.#showRename(from, text, time);
      case "notice":
        return this.#showNotice(text, time);
    }
  }

  /** Gives up a line to someone who isn't here any more. */
  refuse(line: Line): void {
    this.outbox.drop(line);
    const why: Piece[] = ["not sent, ", { name: line.to! }, ` isn't here: ${line.text}`];
    this.screen.told(why, "notice");
    this.events.lineDone();
  }

  /**
   * Says how long the connection was gone, if that was long or if lines may be missing.
   *
   * @param lines The room's history, as it is now.
   * @param since When the connection was lost, in milliseconds of `Date.now()`.
   */
  tellAbsence(lines: readonly News[], since: number): void {
    const seconds = Math.round((Date.now() - since) / 1000);
    const overlaps = lines.some(({ id }) => this.#seen.has(id!));
    const gap = lines.length > 0 && this.#seen.size > 0 && !overlaps;
    if (!gap && seconds * 1000 < LONG_ABSENCE) return;
    const missing = gap ? "; lines may be missing here" : "";
    this.screen.told([`you were away for ${inWords(seconds)}${missing}`], "notice");
  }

  #showLine(news: News, fresh: boolean): void {
    const { id } = news;
    if (id !== undefined) {
      if (this.#seen.has(id)) return;
      this.#seen.add(id);
      if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    }
    const { me } = this.present;
    for (const { text } of this.outbox.heard(news, me)) {
      this.screen.told([`the room may not have taken this line: ${text}`], "notice");
    }
    this.screen.said(news, news.from === me, fresh);
    this.events.lineDone();
  }

  #showRename(from: string, name: string, time: string): void {
    const mine = from === this.present.me;
    if (mine) this.events.renamedTo(name);
    this.present.rename(from, name);
    const who: Piece[] = mine ? ["you are now "] : [{ name: from }, " is now "];
    this.screen.told([...who, { name }], "presence", time);
    if (!mine) this.events.nameFreed(from);
  }

  #showNotice(text: string, time: string): void {
    const refused = this.outbox.lines.find(({ type, to }) =>
      type === "msg" && text === nobodyCalled(to!)
    );
    if (refused) this.refuse(refused);
    else this.screen.told([text], "notice", time);
  }
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
