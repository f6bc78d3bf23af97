/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page's entry point: connects the link, the session and the views. */
import { helpCard, InvitationView } from "./cards.ts";
import { Composer } from "./composer.ts";
import { byId } from "./dom.ts";
import { Link } from "./link.ts";
import { MembersView } from "./members.ts";
import { BrowserMemory } from "./memory.ts";
import { NameView } from "./naming.ts";
import type { Roster, Screen } from "./screen.ts";
import { PageSession } from "./session.ts";
import { StatusView, TitleView } from "./status.ts";
import { ThreadsView } from "./threads.ts";

/** The room's WebSocket URL: at the host and path of the page. */
function socketUrl({ protocol, host, pathname, search }: Location): string {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${pathname}${search}`;
}

const memory = new BrowserMemory(location.pathname);
const title = new TitleView();
const naming = new NameView((name) => session.rename(name), () => {
  memory.isAsked = true;
  composer.focus();
});
const threads = new ThreadsView((name) => composer.switchTo(name));
const composer = new Composer({
  draft: memory.draft,
  submit: (text) => session.type(text, threads.current),
  drafted: (text) => memory.draft = text,
  names: () => known.members.filter((name) => name !== known.me),
});
const members = new MembersView((name) => threads.open(name));
const status = new StatusView(() => link.connect());
const invitation = new InvitationView(threads.room, location.href);

let known: Roster = { me: "", members: [], away: [] };

const screen: Screen = {
  get isWatched() {
    return !document.hidden;
  },
  showLine(news, mine, fresh) {
    const other = news.type === "msg" ? (mine ? news.to : news.from) : undefined;
    threads.logOf(other, fresh && !mine).showLine(news, mine);
    if (fresh && !mine) title.count();
  },
  showEvent(pieces, kind, time, alone) {
    // A notice is for the reader alone, and shown where they are.
    const other = alone ?? (kind === "notice" ? threads.current : undefined);
    threads.logOf(other, false).showEvent(pieces, kind, time);
  },
  showMark: () => threads.room.showMark(),
  showHelp: () => threads.logOf(threads.current, false).showCard(helpCard()),
  enter(room, pages) {
    byId("room", HTMLElement).textContent = room;
    title.room(room);
    invitation.pages = pages;
  },
  roster(roster) {
    known = roster;
    naming.show(roster.me);
    members.show(roster, session.isOnline);
    if (session.isOnline) invitation.show(roster); // Below the history.
  },
  renamed(from, to, mine) {
    if (mine) {
      naming.chosen();
      for (const log of threads.logs) log.own(to);
    } else if (threads.rename(from, to)) composer.renamed(from, to);
  },
  askName: () => naming.ask(),
  showPending: (lines, soon) => composer.showPending(lines, soon),
  live: (on) => threads.room.live(on),
};

const link = new Link(socketUrl(location), {
  changed(state) {
    if (state.is !== "open") session.lost();
    if (known.me !== "") members.show(known, state.is === "open");
    status.show(state);
  },
  received: (news) => session.receive(news),
  idle: () => session.probe(),
});
const session = new PageSession(link, screen, memory);

/** Notes what the reader has seen, when they look away or leave. */
let isAway = document.hidden;
function lookAway(): void {
  if (isAway) return;
  isAway = true;
  memory.seen = session.last;
  session.lookAway();
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) lookAway();
  else isAway = false;
});
addEventListener("pagehide", lookAway);

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
