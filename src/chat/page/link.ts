/** The connection to the room: reconnects whenever it is lost, until `leave`. */
import type { News } from "../protocol/news.ts";

/** The subprotocol of `docs/chat.md`. */
const PROTOCOL = "coax.chat.v1";

/** Delay between attempts to connect, milliseconds: doubles from the first to the longest. */
const FIRST_RETRY_DELAY = 500;
const LONGEST_RETRY_DELAY = 30_000;
/** A connection that lasts this long resets the delay, milliseconds. */
const STABLE_AFTER = 5_000;
/** A connection that is idle for this long is probed, milliseconds. */
const PROBE_AFTER = 25_000;
/** Time for an answer to the probe, or to connect, milliseconds. */
const ANSWER_TIMEOUT = 10_000;

/** What a member sends, `docs/chat.md`. */
export interface ClientMessage {
  readonly type: "say" | "me" | "nick" | "msg" | "who";
  readonly text?: string;
  readonly to?: string;
}

export type LinkState =
  | { readonly is: "connecting" | "open" | "left" }
  /** The next attempt to connect is at `until`, milliseconds since the epoch. */
  | { readonly is: "waiting"; readonly until: number };

interface LinkEvents {
  changed(state: LinkState): void;
  received(news: News): void;
  /** The connection is idle: the listener should send a request that is answered. */
  idle(): void;
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

  /** Connects now, unless it is connected or connecting. */
  connect(): void {
    if (this.#socket) return;
    const socket = new WebSocket(this.url, PROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) => this.#received(socket, data);
    socket.onclose = () => this.#lost(socket);
    this.#setTimer(ANSWER_TIMEOUT, () => this.#lost(socket));
    this.#change({ is: "connecting" });
  }

  /** Closes the connection until the next `connect`. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.#change({ is: "left" });
  }

  /** Sends a message if the connection is open; drops it if not. */
  send(request: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #opened(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#openedAt = Date.now();
    this.#watchIdle(socket);
    this.#change({ is: "open" });
  }

  /** Probes an idle connection: a dead network doesn't close it. */
  #watchIdle(socket: WebSocket): void {
    this.#setTimer(PROBE_AFTER, () => {
      this.#setTimer(ANSWER_TIMEOUT, () => this.#lost(socket));
      this.events.idle();
    });
  }

  #received(socket: WebSocket, data: unknown): void {
    if (socket !== this.#socket || typeof data !== "string") return;
    this.#watchIdle(socket);
    const news = parseNews(data);
    if (news) this.events.received(news);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    const steady = this.#openedAt > 0 && Date.now() - this.#openedAt > STABLE_AFTER;
    this.#drop();
    this.#failures = steady ? 0 : this.#failures + 1;
    const longest = Math.min(
      LONGEST_RETRY_DELAY,
      FIRST_RETRY_DELAY * 2 ** Math.min(this.#failures, 10),
    );
    // Half of the delay is random, so that a thousand pages don't reconnect at the same moment.
    const wait = longest * (0.5 + Math.random() / 2);
    this.#setTimer(wait, () => this.connect());
    this.#change({ is: "waiting", until: Date.now() + wait });
  }

  /** Forgets the socket at once, since its close event may take minutes. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#openedAt = 0;
    socket?.close();
  }

  #setTimer(ms: number, then: () => void): void {
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
