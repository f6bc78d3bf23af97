/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The room and private conversations beside it: one is shown, the others count what is unread. */
import { byId, make, nameOf } from "./dom.ts";
import { LogView } from "./log.ts";
import { isSameName } from "./present.ts";

/** Most private conversations; the one that nobody has touched for longest makes room. */
const MOST_THREADS = 30;

interface Thread {
  /** The other member; undefined for the room. */
  name: string | undefined;
  readonly button: HTMLButtonElement;
  readonly label: HTMLElement;
  readonly count: HTMLElement;
  readonly pane: HTMLElement;
  readonly view: LogView;
  unread: number;
}

export class ThreadsView {
  readonly #bar = byId("threads", HTMLElement);
  readonly #spoken = byId("thread-news", HTMLElement);
  readonly #room: Thread;
  /** Private conversations, the one that was used last at the end. */
  #others: Thread[] = [];
  #current: Thread;

  /** @param switched Called when another conversation is shown. */
  constructor(private readonly switched: (name: string | undefined) => void) {
    const pane = byId("pane", HTMLElement);
    const view = new LogView(byId("log", HTMLElement), byId("latest", HTMLButtonElement));
    this.#room = this.#thread(undefined, pane, view);
    this.#bar.append(this.#room.button);
    this.#current = this.#room;
    this.#show(this.#room);
  }

  /** The room's own log. */
  get room(): LogView {
    return this.#room.view;
  }

  /** The other member of the conversation that is shown; undefined in the room. */
  get current(): string | undefined {
    return this.#current.name;
  }

  /** All logs. */
  get logs(): LogView[] {
    return [this.#room, ...this.#others].map(({ view }) => view);
  }

  /** Shows the conversation with a member, or the room. */
  open(name?: string): void {
    this.#show(name === undefined ? this.#room : this.#with(name));
    this.switched(this.current);
  }

  /**
   * The log of the conversation with a member, or of the room. What `counts` is unread while it
   * isn't shown.
   */
  logOf(name: string | undefined, counts: boolean): LogView {
    const thread = name === undefined ? this.#room : this.#with(name);
    if (counts && thread !== this.#current) {
      thread.unread++;
      this.#label(thread);
      if (name !== undefined) this.#spoken.textContent = `${name} wrote to you alone`;
    }
    return thread.view;
  }

  /** Goes on under another name; false if there is nothing to go on with. */
  rename(from: string, to: string): boolean {
    const thread = this.#find(from);
    const other = this.#find(to);
    if (!thread || (other && other !== thread)) return false;
    thread.name = to;
    this.#label(thread);
    return true;
  }

  #find(name: string): Thread | undefined {
    return this.#others.find((thread) => isSameName(thread.name!, name));
  }

  #with(name: string): Thread {
    const thread = this.#find(name) ?? this.#begin(name);
    this.#others = [...this.#others.filter((other) => other !== thread), thread];
    return thread;
  }

  #begin(name: string): Thread {
    const oldest = this.#others.find((thread) => thread !== this.#current);
    if (this.#others.length >= MOST_THREADS && oldest) this.#drop(oldest);
    const log = make("div", "log");
    log.role = "log";
    log.ariaLive = "polite";
    log.tabIndex = 0;
    const latest = make("button", "latest");
    latest.type = "button";
    latest.hidden = true;
    const pane = make("div", "pane", log, latest);
    pane.hidden = true;
    this.#room.pane.after(pane);
    const thread = this.#thread(name, pane, new LogView(log, latest));
    this.#bar.append(thread.button);
    this.#bar.hidden = false;
    return thread;
  }

  #thread(name: string | undefined, pane: HTMLElement, view: LogView): Thread {
    const [label, count] = [make("span", "label"), make("span", "unread")];
    const button = make("button", "chip", label, count);
    button.type = "button";
    const thread = { name, button, label, count, pane, view, unread: 0 };
    button.addEventListener("click", () => {
      this.#show(thread);
      this.switched(thread.name);
    });
    this.#label(thread);
    return thread;
  }

  #drop(thread: Thread): void {
    this.#others = this.#others.filter((other) => other !== thread);
    thread.button.remove();
    thread.pane.remove();
  }

  #show(thread: Thread): void {
    this.#current = thread;
    thread.unread = 0;
    for (const one of [this.#room, ...this.#others]) {
      one.pane.hidden = one !== thread;
      one.button.ariaCurrent = one === thread ? "true" : null;
    }
    this.#label(thread);
  }

  #label({ name, label, count, unread, view }: Thread): void {
    label.replaceChildren(name === undefined ? "Everyone" : nameOf(name));
    if (name !== undefined) view.log.ariaLabel = `Conversation with ${name} alone`;
    count.textContent = unread > 0 ? `${unread}` : "";
    count.ariaLabel = unread > 0 ? `${unread} unread` : null;
  }
}
