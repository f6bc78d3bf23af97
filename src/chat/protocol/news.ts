/**
 * The news that members get. Each piece is encoded once for each format, however many members there
 * are.
 */

/** The JSON protocol's messages to a member, `docs/chat.md`. All its text is escaped. */
export interface News {
  readonly type: "welcome" | "say" | "me" | "msg" | "join" | "leave" | "rename" | "who" | "notice";
  readonly room: string;
  /** The sender, or who joins, leaves or had this name before; in `welcome`, the recipient. */
  readonly from?: string;
  /** The recipient of a private line. */
  readonly to?: string;
  /** The text of a line; a new name; why a member has left. */
  readonly text?: string;
  /** RFC 3339, in UTC. */
  readonly time: string;
  /** A line's identity: the same at every delivery (history after a reconnection). */
  readonly id?: string;
  /** All members' names. */
  readonly members?: readonly string[];
  /** URLs of the page, as other machines may open it; in `welcome`, where there is a page. */
  readonly addresses?: readonly string[];
}

/** How a member's news is encoded. */
export type NewsFormat =
  /** A line with its newline: byte streams and datagrams. */
  | "line"
  /** A line, or a text of several, as one message. */
  | "message"
  /** JSON as one message. */
  | "json";

const encoder = new TextEncoder();

let latest = { time: NaN, text: "" };

/** A time in RFC 3339, UTC. The last one is cached: a busy room sends many lines a millisecond. */
export function timestamp(date: Date): string {
  const time = date.getTime();
  if (time !== latest.time) latest = { time, text: date.toISOString() };
  return latest.text;
}

/** One piece of news in all its forms. */
export class Announcement {
  readonly #encoded: Partial<Record<NewsFormat, Uint8Array>> = {};
  #line: string | undefined;

  constructor(readonly news: News) {}

  /** As a line with its newline. */
  get line(): string {
    return this.#line ??= `${lineOf(this.news)}\n`;
  }

  /** As bytes, which are shared and must not be changed. */
  encode(format: NewsFormat): Uint8Array {
    return this.#encoded[format] ??= encoder.encode(
      format === "line" ? this.line : render(this.news, format),
    );
  }
}

function render(news: News, format: "message" | "json"): string {
  return format === "json" ? JSON.stringify(news) : lineOf(news);
}

/**
 * `[name] text`, a line for each line of the text; what comes from the room itself begins with two
 * dashes.
 */
function lineOf({ type, room, from, to, text, members }: News): string {
  switch (type) {
    case "say":
      return begun(`[${from}] `, text!);
    case "me":
      return begun(`* ${from} `, text!);
    case "msg":
      return begun(`[${from} -> ${to}] `, text!);
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

/** Begins each line alike: none can look as if somebody else had said it. */
function begun(start: string, text: string): string {
  return start + (text.includes("\n") ? text.replaceAll("\n", `\n${start}`) : text);
}

function others(count: number): string {
  return count === 0 ? "nobody else is" : count === 1 ? "one other is" : `${count} others are`;
}
