/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The conversation: it stays at its end, unless the reader has gone up to read. */
import type { News } from "../protocol/news.ts";
import { faceOf, make, nameOf, part } from "./dom.ts";
import type { Piece } from "./screen.ts";

/** Elements that are kept: more than anyone reads, few enough for a phone. */
const MOST_SHOWN = 2_000;
/** Lines of one author belong together within this time, milliseconds. */
const TOGETHER = 5 * 60_000;
/** Comings and goings that share a line. */
const PRESENCE_TOGETHER = 8;
/** This near to its end, a reader is at the end, pixels. */
const NEAR = 48;

export class LogView {
  readonly #log = part("log", HTMLElement);
  readonly #latest = part("latest", HTMLButtonElement);
  /** Who spoke last and how, if the next line may stand below without a name. */
  #last: { readonly key: string; readonly at: number } | undefined;
  #day = "";
  #atEnd = true;
  /** Where the reader is, pixels from the start. */
  #top = 0;
  #below = 0;
  #scheduled = false;

  constructor() {
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#latest.addEventListener("click", () => {
      this.toEnd();
      this.#log.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.#log);
  }

  /** Whether what is added is read aloud. */
  live(on: boolean): void {
    this.#log.ariaLive = on ? "polite" : "off";
  }

  said(news: News, mine: boolean): void {
    const { type, from = "", to = "" } = news;
    const at = new Date(news.time);
    this.#turnDay(at);
    const key = `${type}\n${from}\n${to}`;
    const together = type !== "me" && this.#last?.key === key && +at - this.#last.at < TOGETHER;
    this.#last = { key, at: +at };
    const classes = ["line", `line-${type}`];
    if (mine) classes.push("mine");
    if (!together) classes.push("first");
    if (mine) this.#atEnd = true;
    const head = type === "me" ? [] : [headOf(news, mine)];
    this.#add(make("div", classes.join(" "), faceOf(from), ...head, textOf(news)), true);
  }

  told(pieces: readonly Piece[], kind: "presence" | "notice", time: string | undefined): void {
    const at = time === undefined ? new Date() : new Date(time);
    this.#turnDay(at);
    this.#last = undefined;
    const nodes = pieces.map((piece) => typeof piece === "string" ? piece : nameOf(piece.name));
    const event = make("span", "event", ...nodes);
    event.title = clock(at);
    const before = this.#log.lastElementChild;
    if (
      kind === "presence" && before?.classList.contains("presence") &&
      before.childElementCount < PRESENCE_TOGETHER
    ) {
      before.append(" ", event);
      this.#settle();
    } else {
      this.#add(make("p", `told ${kind}`, event), kind === "notice");
    }
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#atEnd = true;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#showBelow(0);
  }

  #turnDay(at: Date): void {
    const day = at.toDateString();
    if (day === this.#day) return;
    const isFirst = this.#day === "" && day === new Date().toDateString();
    this.#day = day;
    this.#last = undefined;
    if (isFirst) return;
    const words = at.toLocaleDateString(undefined, {
      weekday: "long",
      day: "numeric",
      month: "long",
    });
    this.#log.append(make("h2", "day", words));
  }

  #add(element: HTMLElement, counts: boolean): void {
    this.#log.append(element);
    if (!this.#atEnd && counts) this.#showBelow(this.#below + 1);
    this.#settle();
  }

  /** Once a frame, however many lines have come. */
  #settle(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      // Nothing is taken away above someone who reads, unless it becomes far too much.
      const most = this.#atEnd ? MOST_SHOWN : 3 * MOST_SHOWN;
      while (this.#log.childElementCount > most) this.#log.firstElementChild!.remove();
      if (this.#atEnd) this.toEnd();
    });
  }

  /**
   * Only going up leaves the end: lines that have just been added below are no choice of anyone.
   */
  #scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const isUp = scrollTop < this.#top;
    this.#top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR) {
      this.#atEnd = true;
      this.#showBelow(0);
    } else if (isUp) {
      this.#atEnd = false;
    }
  }

  #showBelow(count: number): void {
    this.#below = count;
    this.#latest.hidden = count === 0;
    this.#latest.textContent = count === 1 ? "1 new line" : `${count} new lines`;
  }
}

function headOf({ type, from = "", to = "", time }: News, mine: boolean): HTMLElement {
  const head = make("div", "head", nameOf(from), " ");
  if (type === "msg") {
    head.append(make("span", "tag", ...(mine ? ["only to ", nameOf(to)] : ["only to you"])), " ");
  }
  head.append(stampOf(time));
  return head;
}

/** The words, in the direction that their own first letters have. */
function textOf({ type, from = "", text = "", time }: News): HTMLElement {
  if (type === "me") {
    return make("p", "text", nameOf(from), " ", make("bdi", "", text), " ", stampOf(time));
  }
  const words = make("p", "text", text);
  words.dir = "auto";
  return words;
}

function stampOf(time: string): HTMLElement {
  const at = new Date(time);
  const stamp = make("time", "", clock(at));
  stamp.dateTime = time;
  stamp.title = at.toLocaleString();
  return stamp;
}

function clock(at: Date): string {
  return at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
