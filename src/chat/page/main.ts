/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page's entry point: connects the link, the session and the views. */
import { Composer } from "./composer.ts";
import { byId } from "./dom.ts";
import { Link } from "./link.ts";
import { LogView } from "./log.ts";
import { MembersView } from "./members.ts";
import { NameView } from "./naming.ts";
import type { NameStore, Screen } from "./screen.ts";
import { PageSession } from "./session.ts";
import { StatusView, TitleView } from "./status.ts";

/** The room's WebSocket URL: at the host and path of the page. */
function socketUrl({ protocol, host, pathname, search }: Location): string {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${pathname}${search}`;
}

/** Keeps the name while the tab is open; without session storage, while the page is. */
class TabNameStore implements NameStore {
  static readonly #KEY = "coax.name";
  #name: string | undefined;

  constructor() {
    try {
      this.#name = sessionStorage.getItem(TabNameStore.#KEY) ?? undefined;
    } catch {
      // Storage is disabled.
    }
  }

  get name(): string | undefined {
    return this.#name;
  }

  set name(name: string | undefined) {
    this.#name = name;
    try {
      if (name !== undefined) sessionStorage.setItem(TabNameStore.#KEY, name);
    } catch {
      // Storage is disabled.
    }
  }
}

const log = new LogView();
const title = new TitleView();
const naming = new NameView((name) => session.rename(name));
const composer = new Composer((text) => session.type(text));
const members = new MembersView((name) => composer.beginPrivate(name));
const status = new StatusView(() => link.connect());

const screen: Screen = {
  showLine(news, mine, fresh) {
    log.showLine(news, mine);
    if (fresh && !mine) title.count();
  },
  showEvent: (pieces, kind, time) => log.showEvent(pieces, kind, time),
  enter(room) {
    byId("room", HTMLElement).textContent = room;
    title.room(room);
  },
  roster(me, names) {
    naming.show(me);
    members.show(me, names);
  },
  showPending: (lines, soon) => composer.showPending(lines, soon),
  live: (on) => log.live(on),
};

const link = new Link(socketUrl(location), {
  changed(state) {
    if (state.is !== "open") session.lost();
    status.show(state);
  },
  received: (news) => session.receive(news),
  idle: () => session.probe(),
});
const session = new PageSession(link, screen, new TabNameStore());

/** Connects without the rest of the delay: the network or the reader is back. */
function reconnectNow(): void {
  if (link.state.is === "waiting" && !document.hidden) link.connect();
}
addEventListener("online", reconnectNow);
document.addEventListener("visibilitychange", reconnectNow);
addEventListener("beforeunload", (event) => {
  if (session.hasPending) event.preventDefault();
});
link.connect();
composer.focus();
