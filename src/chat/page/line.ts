/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** One line of the conversation: its author, its time, and its text with links and code. */
import type { News } from "../protocol/news.ts";
import { faceOf, make, nameOf } from "./dom.ts";
import { richParts } from "./rich_text.ts";

/** @param isFirst Whether it has a head of its own, with its author. */
export function lineOf(news: News, mine: boolean, isFirst: boolean): HTMLElement {
  const { type, from = "" } = news;
  const classes = ["line", `line-${type}`];
  if (mine) classes.push("mine");
  if (isFirst) classes.push("first");
  const head = type === "me" ? [] : [headOf(news, mine)];
  const line = make("div", classes.join(" "), faceOf(from), ...head, textOf(news));
  line.dataset.from = from;
  return line;
}

function headOf({ type, from = "", to = "", time }: News, mine: boolean): HTMLElement {
  const head = make("div", "head", nameOf(from), " ");
  if (type === "msg") {
    head.append(make("span", "tag", ...(mine ? ["only to ", nameOf(to)] : ["only to you"])), " ");
  }
  head.append(stampOf(time));
  return head;
}

/** The text of a line, in the direction of its first letters. */
function textOf({ type, from = "", text = "", time }: News): HTMLElement {
  if (type === "me") {
    return make(
      "p",
      "text",
      nameOf(from),
      " ",
      make("bdi", "", ...nodesOf(text)),
      " ",
      stampOf(time),
    );
  }
  const words = make("p", "text", ...nodesOf(text));
  words.dir = "auto";
  return words;
}

/** Text nodes, links and code. Nothing of a text is ever parsed as HTML. */
function nodesOf(text: string): (Node | string)[] {
  return richParts(text).map((part) => {
    if (part.is === "text") return part.text;
    if (part.is === "code") return codeOf(part.text, part.isBlock);
    return linkOf(part.text, part.url);
  });
}

function codeOf(text: string, isBlock: boolean): HTMLElement {
  const code = make("code", isBlock ? "block" : "", text);
  code.dir = "ltr";
  if (isBlock) code.tabIndex = 0; // Long lines are scrolled, by keyboard too.
  return code;
}

/** A link that tells where it leads: letters of other scripts can look like those of a name. */
function linkOf(text: string, url: string): HTMLElement {
  const link = make("a", "", text);
  link.href = url;
  link.title = url;
  link.rel = "noopener noreferrer";
  link.target = "_blank";
  link.dir = "ltr";
  return link;
}

function stampOf(time: string): HTMLElement {
  const at = new Date(time);
  const clock = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  const stamp = make("time", "", clock);
  stamp.dateTime = time;
  stamp.title = at.toLocaleString();
  return stamp;
}
