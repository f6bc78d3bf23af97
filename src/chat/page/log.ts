/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The list of lines and events: stays scrolled to its end, unless the reader scrolls up. */
import type { News } from "../protocol/news.ts";
import { make, nameOf } from "./dom.ts";
import { lineOf } from "./line.ts";
import type { TextPiece } from "./screen.ts";

/** Most elements that are kept: few enough for a phone. */
const MOST_SHOWN = 2_000;
/** Lines of one author within this time share a head, milliseconds. */
const GROUPING_TIME = 5 * 60_000;
/** Most presence events that share a line. */
const MOST_PER_LINE = 8;
/** The view is at the end if it is at most this far from it, pixels. */
const END_MARGIN = 48;

export class LogView {
  /** The type, author and time of the last line, if the next one may share its head. */
  #last: { readonly key: string; readonly at: number } | undefined;
  #day = "";
  #atEnd = true;
  /** The last scroll position, pixels. */
  #top = 0;
  #below = 0;
  #scheduled = false;
  #mark: HTMLElement | undefined;

  /** @param latest The button that goes to the end. */
  constructor(readonly log: HTMLElement, private readonly latest: HTMLButtonElement) {
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.latest.addEventListener("click", () => {
      this.scrollToEnd();
      this.log.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.#atEnd && this.scrollToEnd()).observe(this.log);
  }

  /** Sets whether a screen reader announces what is added. */
  live(on: boolean): void {
    this.log.ariaLive = on ? "polite" : "off";
  }

  showLine(news: News, mine: boolean): void {
    const { type, from = "", to = "" } = news;
    const at = new Date(news.time);
    this.#showDay(at);
    const key = `${type}\n${from}\n${to}`;
    const together = type !== "me" && this.#last?.key === key &&
      +at - this.#last.at < GROUPING_TIME;
    this.#last = { key, at: +at };
    if (mine) this.#atEnd = true;
    this.#add(lineOf(news, mine, !together), true);
  }

  /** Marks where the reader has left off, instead of where that was before. */
  showMark(): void {
    this.#mark?.remove();
    this.#last = undefined;
    this.#mark = make("h2", "mark", "New since you left");
    this.#add(this.#mark, false);
  }

  /** Shows what is no line: an invitation, or help. */
  showCard(card: HTMLElement): void {
    this.#last = undefined;
    this.#add(card, false);
  }

  /** Shows lines of this name as the reader's own. */
  own(name: string): void {
    for (const line of this.log.querySelectorAll<HTMLElement>(".line:not(.mine)")) {
      if (line.dataset.from === name) line.classList.add("mine");
    }
  }

  showEvent(
    pieces: readonly TextPiece[],
    kind: "presence" | "notice",
    time: string | undefined,
  ): void {
    const at = time === undefined ? new Date() : new Date(time);
    this.#showDay(at);
    this.#last = undefined;
    const nodes = pieces.map((piece) => typeof piece === "string" ? piece : nameOf(piece.name));
    const event = make("span", "event", ...nodes);
    event.title = at.toLocaleTimeString();
    const previous = this.log.lastElementChild;
    if (
      kind === "presence" && previous?.classList.contains("presence") &&
      previous.childElementCount < MOST_PER_LINE
    ) {
      previous.append(" ", event);
      this.#scheduleScroll();
    } else {
      this.#add(make("p", `system ${kind}`, event), kind === "notice");
    }
  }

  /** Scrolls to the end, and stays there. */
  scrollToEnd(): void {
    this.#atEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.#showBelow(0);
  }

  #showDay(at: Date): void {
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
    this.log.append(make("h2", "day", words));
  }

  #add(element: HTMLElement, counts: boolean): void {
    this.log.append(element);
    if (!this.#atEnd && counts) this.#showBelow(this.#below + 1);
    this.#scheduleScroll();
  }

  /** Drops old elements and scrolls, once a frame. */
  #scheduleScroll(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      // While the reader is scrolled up, old elements stay until there are far too many.
      const most = this.#atEnd ? MOST_SHOWN : 3 * MOST_SHOWN;
      while (this.log.childElementCount > most) this.log.firstElementChild!.remove();
      if (this.#atEnd) this.scrollToEnd();
    });
  }

  /** Leaves the end only when the reader scrolls up: lines added below move it away too. */
  #scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    const isUp = scrollTop < this.#top;
    this.#top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < END_MARGIN) {
      this.#atEnd = true;
      this.#showBelow(0);
    } else if (isUp) {
      this.#atEnd = false;
    }
  }

  #showBelow(count: number): void {
    this.#below = count;
    this.latest.hidden = count === 0;
    this.latest.textContent = count === 1 ? "1 new line" : `${count} new lines`;
  }
}
