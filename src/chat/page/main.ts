/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page in a browser: puts the connection, the session and what shows them together. */
import { Composer } from "./composer.ts";
import { part } from "./dom.ts";
import { Link } from "./link.ts";
import { LogView } from "./log.ts";
import { MembersView } from "./members.ts";
import { NameView } from "./naming.ts";
import type { Memory, Screen } from "./screen.ts";
import { PageSession } from "./session.ts";
import { StatusView, TitleView } from "./status.ts";

/** The room's own address: the page's, over WebSocket. */
function socketUrl({ protocol, host, pathname, search }: Location): string {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${pathname}${search}`;
}

/** The name, for as long as the tab is open; without storage, for as long as the page is. */
class TabMemory implements Memory {
  static readonly #KEY = "coax.name";
  #name: string | undefined;

  constructor() {
    try {
      this.#name = sessionStorage.getItem(TabMemory.#KEY) ?? undefined;
    } catch {
      // Storage is switched off.
    }
  }

  get name(): string | undefined {
    return this.#name;
  }

  set name(name: string | undefined) {
    this.#name = name;
    try {
      if (name !== undefined) sessionStorage.setItem(TabMemory.#KEY, name);
    } catch {
      // Storage is switched off.
    }
  }
}

const log = new LogView();
const title = new TitleView();
const naming = new NameView((name) => session.rename(name));
const composer = new Composer((text) => session.type(text));
const members = new MembersView((name) => composer.address(name));
const status = new StatusView(() => link.connect());

const screen: Screen = {
  said(news, mine, fresh) {
    log.said(news, mine);
    if (fresh && !mine) title.count();
  },
  told: (pieces, kind, time) => log.told(pieces, kind, time),
  enter(room) {
    part("room", HTMLElement).textContent = room;
    title.room(room);
  },
  roster(me, names) {
    naming.show(me);
    members.show(me, names);
  },
  waiting: (lines, soon) => composer.waiting(lines, soon),
  live: (on) => log.live(on),
};

const link = new Link(socketUrl(location), {
  changed(state) {
    if (state.is !== "open") session.lost();
    status.show(state);
  },
  heard: (news) => session.heard(news),
  silent: () => session.pulse(),
});
const session = new PageSession(link, screen, new TabMemory());

/** What waits for its time need not wait when there is reason to hope. */
function hope(): void {
  if (link.state.is === "waiting" && !document.hidden) link.connect();
}
addEventListener("online", hope);
document.addEventListener("visibilitychange", hope);
addEventListener("beforeunload", (event) => {
  if (session.hasWaiting) event.preventDefault();
});
link.connect();
composer.focus();
