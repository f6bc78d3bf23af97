/**
 * What members are told. Each piece of news is encoded once for each kind of member, however many
 * there are.
 */

/** The JSON protocol's messages to a member, `docs/chat.md`. Everything in them is safe to show. */
export interface News {
  readonly type: "welcome" | "say" | "me" | "msg" | "join" | "leave" | "rename" | "who" | "notice";
  readonly room: string;
  /** Whom it is about: who speaks, comes, goes, or had this name before; in `welcome`, yourself. */
  readonly from?: string;
  /** Who a private message is for. */
  readonly to?: string;
  /** What is said; a new name; why someone has left. */
  readonly text?: string;
  /** RFC 3339, in UTC. */
  readonly time: string;
  /** Names a line: the same however often it is delivered (history after a reconnection). */
  readonly id?: string;
  /** Everyone's names. */
  readonly members?: readonly string[];
}

/** How a member wants its news. */
export type Form =
  /** A line with its newline: byte streams and datagrams. */
  | "line"
  /** A line as one message. */
  | "message"
  /** JSON as one message. */
  | "json";

const encoder = new TextEncoder();

let latest = { time: NaN, text: "" };

/** A time as news has it. In a busy room many lines are said in one millisecond. */
export function timestamp(date: Date): string {
  const time = date.getTime();
  if (time !== latest.time) latest = { time, text: date.toISOString() };
  return latest.text;
}

/** One piece of news in all its forms. */
export class Announcement {
  readonly #encoded: Partial<Record<Form, Uint8Array>> = {};
  #line: string | undefined;

  constructor(readonly news: News) {}

  /** As a line, with its newline. */
  get line(): string {
    return this.#line ??= `${lineOf(this.news)}\n`;
  }

  /** The same bytes for everyone who asks: not to be changed. */
  as(form: Form): Uint8Array {
    return this.#encoded[form] ??= encoder.encode(
      form === "line" ? this.line : render(this.news, form),
    );
  }
}

function render(news: News, form: "message" | "json"): string {
  return form === "json" ? JSON.stringify(news) : lineOf(news);
}

/** `[name] text`; what members can't have said begins with two dashes. */
function lineOf({ type, room, from, to, text, members }: News): string {
  switch (type) {
    case "say":
      return `[${from}] ${text}`;
    case "me":
      return `* ${from} ${text}`;
    case "msg":
      return `[${from} -> ${to}] ${text}`;
    case "welcome":
      return `-- welcome to ${room}, ${from}; ${
        others(members!.length - 1)
      } here; /help lists what you can do`;
    case "join":
      return `-- ${from} has joined`;
    case "leave":
      return `-- ${from} has left${text ? ` (${text})` : ""}`;
    case "rename":
      return `-- ${from} is now ${text}`;
    case "who":
      return `-- here: ${members!.join(", ")}`;
    case "notice":
      return `-- ${text}`;
  }
}

function others(count: number): string {
  return count === 0 ? "nobody else is" : count === 1 ? "one other is" : `${count} others are`;
}
