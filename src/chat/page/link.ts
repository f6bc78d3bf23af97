/** The connection to the room: made again by itself whenever it is lost, until someone leaves. */
import type { News } from "../protocol/news.ts";

/** The subprotocol of `docs/chat.md`. */
const PROTOCOL = "coax.chat.v1";

/** Waits before the next try, doubling from the first to the longest, milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** A connection that lasts this long was a good one: the next wait is the first again. */
const STEADY = 5_000;
/** A connection that has nothing to say for so long is asked whether it is still there. */
const SILENCE = 25_000;
/** Time for an answer, or for a connection to be made. */
const PATIENCE = 10_000;

/** What a member sends, `docs/chat.md`. */
export interface Outgoing {
  readonly type: "say" | "me" | "nick" | "msg" | "who";
  readonly text?: string;
  readonly to?: string;
}

export type LinkState =
  | { readonly is: "connecting" | "open" | "left" }
  /** The next try is at this time, milliseconds since the epoch. */
  | { readonly is: "waiting"; readonly until: number };

interface LinkEvents {
  changed(state: LinkState): void;
  heard(news: News): void;
  /** It has been silent: ask for something that is answered. */
  silent(): void;
}

export class Link {
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #openedAt = 0;
  #state: LinkState = { is: "left" };

  constructor(private readonly url: string, private readonly events: LinkEvents) {}

  get state(): LinkState {
    return this.#state;
  }

  /** Connects now, unless it is connected or about to be. */
  connect(): void {
    if (this.#socket) return;
    const socket = new WebSocket(this.url, PROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = () => this.#lost(socket);
    this.#after(PATIENCE, () => this.#lost(socket));
    this.#change({ is: "connecting" });
  }

  /** Ends the connection for good, or until the next `connect`. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.#change({ is: "left" });
  }

  /** Sends it if there is a connection. */
  send(request: Outgoing): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #opened(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#openedAt = Date.now();
    this.#listen(socket);
    this.#change({ is: "open" });
  }

  /** A dead network closes nothing: only silence shows it. */
  #listen(socket: WebSocket): void {
    this.#after(SILENCE, () => {
      this.#after(PATIENCE, () => this.#lost(socket));
      this.events.silent();
    });
  }

  #heard(socket: WebSocket, data: unknown): void {
    if (socket !== this.#socket || typeof data !== "string") return;
    this.#listen(socket);
    const news = parseNews(data);
    if (news) this.events.heard(news);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    const steady = this.#openedAt > 0 && Date.now() - this.#openedAt > STEADY;
    this.#drop();
    this.#failures = steady ? 0 : this.#failures + 1;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(this.#failures, 10));
    // Half of it is chance, so that a thousand pages don't all come back in the same moment.
    const wait = longest * (0.5 + Math.random() / 2);
    this.#after(wait, () => this.connect());
    this.#change({ is: "waiting", until: Date.now() + wait });
  }

  /** Lets go of the socket, whose end may take minutes to show. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#openedAt = 0;
    socket?.close();
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  #change(state: LinkState): void {
    this.#state = state;
    this.events.changed(state);
  }
}

function parseNews(data: string): News | undefined {
  try {
    const news: unknown = JSON.parse(data);
    const isNews = typeof news === "object" && news !== null && "type" in news;
    return isNews ? news as News : undefined;
  } catch {
    return undefined;
  }
}
