/**
 * What a member knows: its name, who is here, which lines it has seen, and what it still has to
 * say. It survives connections, so that none of them loses a line or shows one twice.
 */
import { isGiven, nameKey, parseName } from "../protocol/names.ts";
import type { News } from "../protocol/news.ts";
import { HELP, nobodyCalled, type Request } from "../protocol/requests.ts";
import type { Link } from "./link.ts";
import { type Line, MOST_WAITING, Outbox } from "./outbox.ts";
import type { Memory, Piece, Screen } from "./screen.ts";
import { parseTyped } from "./typed.ts";

/** Ids that are remembered; a room's history is shorter. */
const MOST_SEEN = 20_000;
/** An absence that is worth a word, milliseconds. */
const LONG_ABSENCE = 3_000;

export class Session {
  #me = "";
  #members: string[] = [];
  readonly #seen = new Set<string>();
  readonly #outbox = new Outbox();
  /** What each `who` on its way was asked for. */
  #whos: ("reader" | "history" | "pulse")[] = [];
  /** What has come since the welcome, until the history is complete; then, and offline, nothing. */
  #arriving: News[] | undefined;
  #here = false;
  #leftAt = 0;

  constructor(
    private readonly link: Pick<Link, "send" | "leave">,
    private readonly screen: Screen,
    private readonly memory: Memory,
  ) {}

  get me(): string {
    return this.#me;
  }

  /** Whether there are lines that would be lost with the page. */
  get hasWaiting(): boolean {
    return this.#outbox.lines.length > 0;
  }

  /** The connection is gone. */
  lost(): void {
    if (this.#here) this.#leftAt = Date.now();
    this.#here = false;
    this.#whos = [];
    this.#arriving = undefined;
    this.#showWaiting();
  }

  /** Asks for an answer, to see whether someone is there. */
  pulse(): void {
    this.#ask("pulse");
  }

  heard(news: News): void {
    if (news.type === "welcome") this.#arrive(news);
    else if (news.type === "who") this.#answered(news);
    else if (this.#arriving) this.#arriving.push(news);
    else this.#show(news, true);
  }

  /** Changes the name, at once or when there is a connection. Throws what is wrong with it. */
  rename(text: string): void {
    const name = parseName(text);
    const others = this.#here ? this.#members.filter((member) => member !== this.#me) : [];
    if (name !== this.#me && (isGiven(name) || includes(others, name))) {
      throw new Error(`the name ${name} is taken`);
    }
    if (this.#here) return this.link.send({ type: "nick", text: name });
    this.memory.name = name;
    this.screen.told(["you will be ", { name }, " when you are back"], "notice");
  }

  /** Does what has been typed, line by line. Throws what is wrong before anything is done. */
  type(text: string): void {
    const requests = parseTyped(text, MOST_WAITING - this.#outbox.lines.length);
    for (const request of requests) this.#do(request);
  }

  #do(request: Request): void {
    const { screen } = this;
    switch (request.type) {
      case "say":
      case "me":
        return this.#say({ type: request.type, text: request.text });
      case "msg":
        if (this.#knows(request.to)) return this.#say(request);
        return screen.told([nobodyCalled(request.to)], "notice");
      case "nick":
        try {
          return this.rename(request.text);
        } catch (error) {
          return screen.told([(error as Error).message], "notice");
        }
      case "who":
        if (this.#here) return this.#ask("reader");
        return screen.told(["you are not connected"], "notice");
      case "help":
        return HELP.forEach((line) => screen.told([line], "notice"));
      case "wrong":
        return screen.told([request.text], "notice");
      case "quit":
        return this.link.leave();
    }
  }

  /** Away, nobody knows who will be there. */
  #knows(name: string): boolean {
    return !this.#here || includes(this.#members, name);
  }

  #say(line: Line): void {
    this.#outbox.add(line);
    if (this.#here) this.#sendLine(line);
    this.#showWaiting();
  }

  #sendLine(line: Line): void {
    this.#outbox.sending(line, this.#me);
    this.link.send(line);
  }

  #ask(why: "reader" | "history" | "pulse"): void {
    this.#whos.push(why);
    this.link.send({ type: "who" });
  }

  /** A new connection; what comes before the answer to our question is history. */
  #arrive({ from = "", room, members = [] }: News): void {
    this.screen.live(false);
    this.screen.enter(room);
    this.#arriving = [];
    this.#me = from;
    this.#setMembers(members);
    const wish = this.memory.name;
    if (wish !== undefined && wish !== from) this.link.send({ type: "nick", text: wish });
    this.#ask("history");
  }

  #answered({ members = [], time }: News): void {
    const why = this.#whos.shift();
    if (why === "history") return this.#settle();
    this.#setMembers(members);
    if (why !== "reader") return;
    const names = members.flatMap((name, index) => index === 0 ? [{ name }] : [", ", { name }]);
    this.screen.told(["here: ", ...names], "notice", time);
  }

  /** The past is complete: shows what is new in it, and says what has been waiting. */
  #settle(): void {
    const arriving = this.#arriving ?? [];
    this.#arriving = undefined;
    const again = this.#leftAt > 0;
    const lines = arriving.filter(({ id }) => id !== undefined);
    if (again) this.#tellAbsence(lines);
    for (const news of arriving) this.#show(news, again);
    if (!again) this.#greet();
    this.#here = true;
    this.#leftAt = 0;
    for (const line of this.#outbox.lines) {
      if (line.type !== "msg" || this.#knows(line.to!)) this.#sendLine(line);
      else this.#refused(line);
    }
    this.#showWaiting();
    this.screen.live(true);
  }

  /** Whom it was for isn't here any more. */
  #refused(line: Line): void {
    this.#outbox.drop(line);
    const why: Piece[] = ["not sent, ", { name: line.to! }, ` isn't here: ${line.text}`];
    this.screen.told(why, "notice");
    this.#showWaiting();
  }

  #greet(): void {
    this.screen.told(["you are ", { name: this.#me }, "; /help lists what you can do"], "notice");
  }

  #tellAbsence(lines: readonly News[]): void {
    const seconds = Math.round((Date.now() - this.#leftAt) / 1000);
    const overlaps = lines.some(({ id }) => this.#seen.has(id!));
    const gap = lines.length > 0 && this.#seen.size > 0 && !overlaps;
    if (!gap && seconds * 1000 < LONG_ABSENCE) return;
    const missing = gap ? "; lines may be missing here" : "";
    this.screen.told([`you were away for ${inWords(seconds)}${missing}`], "notice");
  }

  #show(news: News, fresh: boolean): void {
    const { type, from = "", text = "", time } = news;
    switch (type) {
      case "say":
      case "me":
      case "msg":
        return this.#showLine(news, fresh);
      case "join":
        this.#setMembers([...this.#members, from]);
        return this.screen.told([{ name: from }, " has joined"], "presence", time);
      case "leave": {
        this.#setMembers(this.#members.filter((name) => name !== from));
        const why = text && ` (${text})`;
        this.screen.told([{ name: from }, ` has left${why}`], "presence", time);
        return this.#claim(from);
      }
      case "rename":
        return this.#renamed(from, text, time);
      case "notice": {
        const refused = this.#outbox.lines.find(({ type, to }) =>
          type === "msg" && text === nobodyCalled(to!)
        );
        return refused ? this.#refused(refused) : this.screen.told([text], "notice", time);
      }
    }
  }

  #showLine(news: News, fresh: boolean): void {
    const { id } = news;
    if (id !== undefined) {
      if (this.#seen.has(id)) return;
      this.#seen.add(id);
      if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    }
    for (const { text } of this.#outbox.heard(news, this.#me)) {
      this.screen.told([`the room may not have taken this line: ${text}`], "notice");
    }
    this.screen.said(news, news.from === this.#me, fresh);
    this.#showWaiting();
  }

  #renamed(from: string, name: string, time: string): void {
    const mine = from === this.#me;
    if (mine) {
      this.#me = name;
      if (!isGiven(name)) this.memory.name = name;
    }
    this.#setMembers(this.#members.map((member) => member === from ? name : member));
    const who: Piece[] = mine ? ["you are now "] : [{ name: from }, " is now "];
    this.screen.told([...who, { name }], "presence", time);
    if (!mine) this.#claim(from);
  }

  /** Takes back a name that was our own, once whoever had it (our lost connection) lets go of it. */
  #claim(free: string): void {
    const wish = this.memory.name;
    if (wish === undefined || nameKey(wish) !== nameKey(free)) return;
    if (nameKey(this.#me) !== nameKey(wish)) this.link.send({ type: "nick", text: wish });
  }

  #setMembers(members: readonly string[]): void {
    this.#members = [...new Set(members)];
    this.screen.roster(this.#me, this.#members);
  }

  #showWaiting(): void {
    this.screen.waiting(this.#outbox.lines, this.#here);
  }
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((one) => nameKey(one) === nameKey(name));
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
