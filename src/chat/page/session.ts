/**
 * What a member of the page does over connections that come and go: it says what waits, keeps its
 * name, and shows what the room tells. None of the connections loses a line or shows one twice.
 */
import { isGiven, parseName } from "../protocol/names.ts";
import type { News } from "../protocol/news.ts";
import { HELP, nobodyCalled, type Request } from "../protocol/requests.ts";
import { Conversation } from "./conversation.ts";
import type { Link } from "./link.ts";
import { type Line, MOST_WAITING, PendingLines } from "./pending_lines.ts";
import { isSameName, Present } from "./present.ts";
import type { Memory, Screen } from "./screen.ts";
import { parseTyped } from "./typed.ts";

export class PageSession {
  readonly #present: Present;
  readonly #outbox = new PendingLines();
  readonly #conversation: Conversation;
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
  ) {
    this.#present = new Present(screen);
    this.#conversation = new Conversation(screen, this.#present, this.#outbox, {
      lineDone: () => this.#showWaiting(),
      renamedTo: (name) => {
        if (!isGiven(name)) memory.name = name;
      },
      nameFreed: (name) => this.#claim(name),
    });
  }

  get me(): string {
    return this.#present.me;
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
    else this.#conversation.show(news, true);
  }

  /** Changes the name, at once or when there is a connection. Throws what is wrong with it. */
  rename(text: string): void {
    const name = parseName(text);
    const taken = isGiven(name) || (this.#here && this.#present.hasOther(name));
    if (name !== this.me && taken) {
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
    return !this.#here || this.#present.has(name);
  }

  #say(line: Line): void {
    this.#outbox.add(line);
    if (this.#here) this.#sendLine(line);
    this.#showWaiting();
  }

  #sendLine(line: Line): void {
    this.#outbox.sending(line, this.me);
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
    this.#present.enter(from, members);
    const wish = this.memory.name;
    if (wish !== undefined && wish !== from) this.link.send({ type: "nick", text: wish });
    this.#ask("history");
  }

  #answered({ members = [], time }: News): void {
    const why = this.#whos.shift();
    if (why === "history") return this.#settle();
    this.#present.set(members);
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
    if (again) this.#conversation.tellAbsence(lines, this.#leftAt);
    for (const news of arriving) this.#conversation.show(news, again);
    if (!again) this.#greet();
    this.#here = true;
    this.#leftAt = 0;
    for (const line of this.#outbox.lines) {
      if (line.type !== "msg" || this.#knows(line.to!)) this.#sendLine(line);
      else this.#conversation.refuse(line);
    }
    this.#showWaiting();
    this.screen.live(true);
  }

  #greet(): void {
    this.screen.told(["you are ", { name: this.me }, "; /help lists what you can do"], "notice");
  }

  /**
   * Takes back a name that was our own, once whoever had it (our lost connection) lets go of it.
   */
  #claim(free: string): void {
    const wish = this.memory.name;
    if (wish === undefined || !isSameName(wish, free)) return;
    if (!isSameName(this.me, wish)) this.link.send({ type: "nick", text: wish });
  }

  #showWaiting(): void {
    this.screen.waiting(this.#outbox.lines, this.#here);
  }
}
