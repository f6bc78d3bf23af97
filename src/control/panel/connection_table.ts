/** The connections that the panel knows, from snapshots and from the log between them. */
import type { ClosedConnection, Connection, LogEvent } from "./wire.ts";

/** Connections that are over and still shown. */
export const MAX_CLOSED = 1000;

export interface ShownConnection extends Omit<Connection, "state" | "since"> {
  readonly state: Connection["state"] | "closed";
  /** When it was accepted, milliseconds since the epoch. */
  readonly since: number;
  /** When bytes last passed. */
  readonly lastActive: number;
  /** Whether that was before the panel saw the connection, and so may be longer ago. */
  readonly isEarlier: boolean;
  /** When it was closed. */
  readonly until?: number;
  /** Why it was closed, where that wasn't its peers' plain end. */
  readonly error?: string;
  readonly reset?: boolean;
}

/** Why a connection was closed, without its own address; undefined for a plain end. */
export function reasonOf({ error, peer }: ShownConnection): string | undefined {
  const own = `close ${peer}: `;
  return error?.startsWith(own) ? error.slice(own.length) : error;
}

export class ConnectionTable {
  readonly #open = new Map<number, ShownConnection>();
  /** In the order in which they were closed. */
  readonly #closed = new Map<number, ShownConnection>();
  /** Those that the log has told and no snapshot yet. */
  readonly #unconfirmed = new Set<number>();

  /** Whether there are as many closed ones as are shown: earlier ones may be missing. */
  get isFull(): boolean {
    return this.#closed.size >= MAX_CLOSED;
  }

  get open(): Iterable<ShownConnection> {
    return this.#open.values();
  }

  get closed(): Iterable<ShownConnection> {
    return this.#closed.values();
  }

  get(id: number): ShownConnection | undefined {
    return this.#open.get(id) ?? this.#closed.get(id);
  }

  /** Forgets all: after a gap, numbers may mean other connections. */
  clear(): void {
    this.#open.clear();
    this.#closed.clear();
    this.#unconfirmed.clear();
  }

  /** Takes a list of all open connections, taken at `time`, and of any that are over. */
  snapshot(time: number, connections: readonly (Connection | ClosedConnection)[]): void {
    const seen = new Set<number>();
    for (const connection of connections) {
      if (connection.state === "closed") {
        this.#addClosed(connection);
        continue;
      }
      seen.add(connection.id);
      if (!this.#closed.has(connection.id)) this.#update(time, connection);
    }
    for (const id of this.#open.keys()) {
      if (seen.has(id)) continue;
      // The list may be older than what the log has told, the next one isn't.
      if (!this.#unconfirmed.delete(id)) this.#close(id, time);
    }
  }

  /** Takes what the log tells of a connection. */
  observe(time: number, event: LogEvent): void {
    const { id } = event;
    if (id === undefined || this.#closed.has(id)) return;
    const known = this.#open.get(id);
    if (event.event === "accept") return this.#accept(time, event);
    if (!known) return;
    if (event.event === "connected" && event.address) {
      this.#open.set(id, { ...known, target: event.address, state: "open" });
    } else if (event.event === "first-byte") {
      this.#open.set(id, {
        ...known,
        lastActive: Math.max(time, known.lastActive),
        isEarlier: false,
      });
    } else if (event.event === "half-close" && known.state === "open") {
      this.#open.set(id, { ...known, state: "half-closed" });
    } else if (event.event === "close" && event.peer === known.peer) {
      const { sent = known.sent, received = known.received, error, reset } = event;
      this.#open.set(id, { ...known, sent, received, error, reset });
      this.#close(id, time);
    }
  }

  /** Forgets the connections of proxies that are gone. */
  keep(isProxy: (name: string) => boolean): void {
    for (const map of [this.#open, this.#closed]) {
      for (const { id, proxy } of map.values()) if (!isProxy(proxy)) map.delete(id);
    }
  }

  #accept(time: number, { id, proxy, peer = "" }: LogEvent): void {
    if (id === undefined || proxy === undefined || this.#open.has(id)) return;
    this.#unconfirmed.add(id);
    this.#open.set(id, {
      id,
      proxy,
      peer,
      target: "",
      state: "connecting",
      since: time,
      lastActive: time,
      isEarlier: false,
      sent: 0,
      received: 0,
      toxics: [],
    });
  }

  #update(time: number, connection: Connection): void {
    const known = this.#open.get(connection.id);
    const since = known?.since ?? Date.parse(connection.since);
    const { sent, received } = connection;
    const hasMoved = known && (sent !== known.sent || received !== known.received);
    const lastActive = hasMoved ? time : known?.lastActive ?? time;
    const isEarlier = !hasMoved && (known?.isEarlier ?? true);
    this.#unconfirmed.delete(connection.id);
    this.#open.set(connection.id, { ...connection, since, lastActive, isEarlier });
  }

  #close(id: number, time: number): void {
    this.#keep({ ...this.#open.get(id)!, state: "closed", until: time });
  }

  /** Takes what the control has kept of a connection that is over: all there is to know of it. */
  #addClosed(connection: ClosedConnection): void {
    const known = this.get(connection.id);
    const [since, until] = [connection.since, connection.until].map((time) => Date.parse(time));
    const { lastActive = until!, isEarlier = true } = known ?? {};
    this.#keep({ ...connection, since: since!, until, lastActive, isEarlier });
  }

  #keep(connection: ShownConnection): void {
    const { id } = connection;
    this.#open.delete(id);
    this.#unconfirmed.delete(id);
    this.#closed.set(id, connection);
    if (this.#closed.size > MAX_CLOSED) this.#closed.delete(this.#closed.keys().next().value!);
  }
}
