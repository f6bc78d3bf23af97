/** Shows the room's news on the screen: each line once, presence, and notices. */
import type { News } from "../protocol/news.ts";
import { nobodyCalled } from "../protocol/requests.ts";
import type { PendingLine, PendingLines } from "./pending_lines.ts";
import type { PresentMembers } from "./present.ts";
import type { Screen, TextPiece } from "./screen.ts";

/** Most ids that are kept to recognize lines. */
const MOST_SEEN = 20_000;
/** Shortest absence that is reported, milliseconds. */
const LEAST_REPORTED_ABSENCE = 3_000;

/** Events of a conversation, for its session. */
export interface ConversationEvents {
  /** A pending line may have been removed. */
  pendingChanged(): void;
  /** This member's name is `name` now. */
  renamedTo(name: string): void;
  /** Another member had the name `name`, and has it no more. */
  nameFreed(name: string): void;
}

export class Conversation {
  readonly #seen = new Set<string>();
  /** The id of the room's last line. */
  #last: string | undefined;
  /** Whether a new line was marked as such since the reader has looked away. */
  #isMarked = false;

  constructor(
    private readonly screen: Screen,
    private readonly present: PresentMembers,
    private readonly pending: PendingLines,
    private readonly events: ConversationEvents,
  ) {}

  /** The id of the last line that everybody has got; undefined before the first. */
  get last(): string | undefined {
    return this.#last;
  }

  /** Begins to wait for a line that comes while nobody looks. */
  lookAway(): void {
    this.#isMarked = false;
  }

  /** @param fresh Whether it is new to the reader, not the history for a new member. */
  show(news: News, fresh: boolean): void {
    const { type, from = "", text = "", time } = news;
    switch (type) {
      case "say":
      case "me":
      case "msg":
        return this.#showLine(news, fresh);
      case "join":
        this.present.add(from);
        return this.screen.showEvent([{ name: from }, " has joined"], "presence", time);
      case "leave": {
        this.present.remove(from);
        const why = text && ` (${text})`;
        this.screen.showEvent([{ name: from }, ` has left${why}`], "presence", time);
        return this.events.nameFreed(from);
      }
      case "rename":
        return this.#showRename(from, text, time);
      case "notice":
        return this.#showNotice(text, time);
    }
  }

  /** Changes names without a word: at the beginning, who has which is all that counts. */
  renameSilently({ from = "", text = "" }: News): void {
    const mine = from === this.present.me;
    if (mine) this.events.renamedTo(text);
    this.present.rename(from, text);
    this.screen.renamed(from, text, mine);
  }

  /** Shows a history, and where the reader has left off in it: behind the line `seen`. */
  showHistory(news: readonly News[], seen: string | undefined, fresh: boolean): void {
    const at = news.findIndex(({ id }) => id !== undefined && id === seen);
    let isBehind = seen !== undefined && at < 0;
    for (const [index, one] of news.entries()) {
      const isNew = one.id !== undefined && !this.#seen.has(one.id);
      const { me } = this.present;
      if (isBehind && isNew && one.from !== me && !this.pending.isSentAs(one.from)) {
        this.screen.showMark();
        isBehind = false;
      }
      this.show(one, fresh);
      if (index === at) isBehind = true;
    }
  }

  /** Drops a private line whose recipient has left, and shows that. */
  giveUp(line: PendingLine): void {
    this.pending.drop(line);
    const why: TextPiece[] = ["not sent, ", { name: line.to! }, ` isn't here: ${line.text}`];
    this.screen.showEvent(why, "notice", undefined, line.to);
    this.events.pendingChanged();
  }

  /**
   * Shows how long the connection was lost, if that was long or if lines may be missing.
   *
   * @param lines The room's history, as it was just received.
   * @param since When the connection was lost, in milliseconds of `Date.now()`.
   */
  reportAbsence(lines: readonly News[], since: number): void {
    const seconds = Math.round((Date.now() - since) / 1000);
    const overlaps = lines.some(({ id }) => this.#seen.has(id!));
    const gap = lines.length > 0 && this.#seen.size > 0 && !overlaps;
    if (!gap && seconds * 1000 < LEAST_REPORTED_ABSENCE) return;
    const missing = gap ? "; lines may be missing here" : "";
    this.screen.showEvent([`you were away for ${inWords(seconds)}${missing}`], "notice");
  }

  #showLine(news: News, fresh: boolean): void {
    const { id, type } = news;
    if (id !== undefined) {
      if (this.#seen.has(id)) return;
      this.#seen.add(id);
      if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
      if (type !== "msg") this.#last = id;
    }
    const { me } = this.present;
    for (const { text } of this.pending.acknowledge(news, me)) {
      this.screen.showEvent([`the room may not have taken this line: ${text}`], "notice");
    }
    if (fresh && type !== "msg" && !this.screen.isWatched && !this.#isMarked) {
      this.#isMarked = true;
      this.screen.showMark();
    }
    this.screen.showLine(news, news.from === me, fresh);
    this.events.pendingChanged();
  }

  #showRename(from: string, name: string, time: string): void {
    const mine = from === this.present.me;
    if (mine) this.events.renamedTo(name);
    this.present.rename(from, name);
    this.screen.renamed(from, name, mine);
    const who: TextPiece[] = mine ? ["you are now "] : [{ name: from }, " is now "];
    this.screen.showEvent([...who, { name }], "presence", time);
    if (!mine) this.events.nameFreed(from);
  }

  #showNotice(text: string, time: string): void {
    const refused = this.pending.lines.find(({ type, to }) =>
      type === "msg" && text === nobodyCalled(to!)
    );
    if (refused) this.giveUp(refused);
    else this.screen.showEvent([text], "notice", time);
  }
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
