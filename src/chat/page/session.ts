/**
 * A member's session over any number of connections: sends pending lines, keeps the name, and
 * shows the room's news. A lost connection loses no line and shows none twice.
 */
import { isReserved, parseName } from "../protocol/names.ts";
import type { News } from "../protocol/news.ts";
import { nameTaken, nobodyCalled, type Request } from "../protocol/requests.ts";
import { Conversation } from "./conversation.ts";
import type { Link } from "./link.ts";
import { MOST_PENDING, type PendingLine, PendingLines } from "./pending_lines.ts";
import { isSameName, PresentMembers } from "./present.ts";
import type { PageMemory, Screen, TextPiece } from "./screen.ts";
import { parseTyped } from "./typed.ts";

export class PageSession {
  readonly #present: PresentMembers;
  readonly #pending = new PendingLines();
  readonly #conversation: Conversation;
  /** Why each unanswered `who` was sent, in order. */
  #whoRequests: ("reader" | "history" | "probe")[] = [];
  /** News since the welcome, until the history is complete; undefined later, and offline. */
  #replay: News[] | undefined;
  /** Whether the history is complete, so that lines can be sent. */
  #online = false;
  /** When the connection was lost, in milliseconds of `Date.now()`; 0 if it wasn't. */
  #lostAt = 0;

  constructor(
    private readonly link: Pick<Link, "send" | "leave">,
    private readonly screen: Screen,
    private readonly memory: PageMemory,
  ) {
    this.#present = new PresentMembers(screen);
    this.#conversation = new Conversation(screen, this.#present, this.#pending, {
      pendingChanged: () => this.#showPending(),
      renamedTo: (name) => {
        if (!isReserved(name)) memory.name = name;
      },
      nameFreed: (name) => this.#reclaimName(name),
    });
  }

  get me(): string {
    return this.#present.me;
  }

  /** Whether the room is reached, with its history. */
  get isOnline(): boolean {
    return this.#online;
  }

  /** Whether there are lines that would be lost with the page. */
  get hasPending(): boolean {
    return this.#pending.lines.length > 0;
  }

  /** The id of the last line that everybody has got. */
  get last(): string | undefined {
    return this.#conversation.last;
  }

  /** Notes that nobody looks at the page from now on. */
  lookAway(): void {
    this.#conversation.lookAway();
  }

  /** Goes offline: the connection is lost. */
  lost(): void {
    if (this.#online) this.#lostAt = Date.now();
    this.#online = false;
    this.#whoRequests = [];
    this.#replay = undefined;
    this.#showPending();
  }

  /** Sends a request that is answered, to see whether the connection is alive. */
  probe(): void {
    this.#requestWho("probe");
  }

  receive(news: News): void {
    if (news.type === "welcome") this.#startReplay(news);
    else if (news.type === "who") this.#receiveWho(news);
    else if (this.#replay) this.#replay.push(news);
    else this.#conversation.show(news, true);
  }

  /** Changes the name, offline at the next connection. Throws if it is invalid or taken. */
  rename(text: string): void {
    const name = parseName(text);
    const taken = isReserved(name) || (this.#online && this.#present.hasOther(name));
    if (name !== this.me && taken) {
      throw new Error(nameTaken(name));
    }
    if (this.#online) return this.link.send({ type: "nick", text: name });
    this.memory.name = name;
    this.screen.showEvent(["you will be ", { name }, " when you are back"], "notice");
  }

  /**
   * Performs what has been typed. Throws before anything is done if it can't take all.
   *
   * @param to The only recipient of what isn't a command.
   */
  type(text: string, to?: string): void {
    const requests = parseTyped(text, MOST_PENDING - this.#pending.lines.length, to);
    for (const request of requests) {
      if (request.type === "msg" && !this.#mayBePresent(request.to)) {
        throw new Error(nobodyCalled(request.to));
      }
    }
    for (const request of requests) this.#perform(request, to);
  }

  /** @param alone The other member of the private conversation in which it was typed. */
  #perform(request: Request, alone?: string): void {
    const { screen } = this;
    switch (request.type) {
      case "say":
      case "me":
        return this.#say({ type: request.type, text: request.text });
      case "msg":
        return this.#say(request);
      case "nick":
        try {
          return this.rename(request.text);
        } catch (error) {
          return screen.showEvent([(error as Error).message], "notice");
        }
      case "who":
        if (this.#online) return this.#requestWho("reader");
        return screen.showEvent(["you are not connected"], "notice");
      case "help":
        return screen.showHelp();
      case "wrong":
        return screen.showEvent([request.text], "notice", undefined, alone);
      case "quit":
        return this.link.leave();
    }
  }

  /** Whether `name` may be in the room; offline, anyone may. */
  #mayBePresent(name: string): boolean {
    return !this.#online || this.#present.has(name);
  }

  #say(line: PendingLine): void {
    this.#pending.add(line);
    if (this.#online) this.#sendLine(line);
    this.#showPending();
  }

  #sendLine(line: PendingLine): void {
    this.#pending.markSent(line, this.me);
    this.link.send(line);
  }

  #requestWho(why: "reader" | "history" | "probe"): void {
    this.#whoRequests.push(why);
    this.link.send({ type: "who" });
  }

  /** Collects the history of a new connection, which ends with the answer to our `who`. */
  #startReplay({ from = "", room, members = [], addresses = [] }: News): void {
    this.screen.live(false);
    this.screen.enter(room, addresses);
    this.#replay = [];
    this.#present.enter(from, members);
    const wish = this.memory.name;
    if (wish !== undefined && wish !== from) this.link.send({ type: "nick", text: wish });
    this.#requestWho("history");
  }

  #receiveWho({ members = [], time }: News): void {
    const why = this.#whoRequests.shift();
    if (why === "history") this.#finishReplay();
    this.#present.set(members);
    if (why !== "reader") return;
    const names = members.flatMap((name, index) => index === 0 ? [{ name }] : [", ", { name }]);
    this.screen.showEvent(["here: ", ...names], "notice", time);
  }

  /** Shows what is new in the complete history, and sends the pending lines. */
  #finishReplay(): void {
    const returning = this.#lostAt > 0;
    const replay = this.#withOwnName(this.#replay ?? []);
    this.#replay = undefined;
    const lines = replay.filter(({ id }) => id !== undefined);
    if (returning) this.#conversation.reportAbsence(lines, this.#lostAt);
    const seen = returning ? this.#conversation.last : this.memory.seen;
    this.#conversation.showHistory(replay, seen, returning);
    if (!returning) this.#showName();
    this.#online = true;
    this.#lostAt = 0;
    for (const line of this.#pending.lines) {
      if (line.type !== "msg" || this.#mayBePresent(line.to!)) this.#sendLine(line);
      else this.#conversation.giveUp(line);
    }
    this.#showPending();
    this.screen.live(true);
  }

  /**
   * Takes the chosen name before the history is shown, in which our own lines have it. Returns the
   * other news.
   */
  #withOwnName(replay: readonly News[]): News[] {
    const wish = this.memory.name;
    return replay.filter((news) => {
      if (wish !== undefined && news.text === nameTaken(wish)) return false; // `#showName` says it.
      if (news.type !== "rename" || news.from !== this.me) return true;
      this.#conversation.renameSilently(news);
      return false;
    });
  }

  #showName(): void {
    const { me, memory: { name, isAsked } } = this;
    // Another tab has it, or our lost connection still.
    const isTaken = name !== undefined && !isSameName(name, me);
    const why: TextPiece[] = isTaken ? [" while ", { name }, " is here already"] : [];
    this.screen.showEvent(
      ["you are ", { name: me }, ...why, "; /help lists what you can do"],
      "notice",
    );
    if (name === undefined && !isAsked) this.screen.askName();
  }

  /** Asks for our own name again, once the member that had it (our lost connection) has left. */
  #reclaimName(free: string): void {
    const wish = this.memory.name;
    if (wish === undefined || !isSameName(wish, free)) return;
    if (!isSameName(this.me, wish)) this.link.send({ type: "nick", text: wish });
  }

  #showPending(): void {
    this.screen.showPending(this.#pending.lines, this.#online);
  }
}
