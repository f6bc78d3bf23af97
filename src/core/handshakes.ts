/**
 * Handshakes that aren't finished. Each has its slot and its descriptor only until another peer
 * needs it, so that a silent peer keeps nobody out. Slots are a listener's own; descriptors are the
 * process's, so there the oldest of all listeners makes room.
 */
import type { Connection } from "./duplex.ts";
import { SessionOverError } from "./errors.ts";
import { LinkedList, type Place } from "./linked_list.ts";

/** The handshake of one peer. */
class Handshake {
  readonly #abort = new AbortController();
  #connection: Connection | undefined;
  #evicted = false;
  readonly #places: readonly Place<Handshake>[];

  /** @param pending Where it is until it is over. */
  constructor(readonly peer: string, pending: readonly LinkedList<Handshake>[]) {
    this.#places = pending.map((list) => list.add(this));
  }

  /** Aborts the handshake as long as no connection is open. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether it was closed for another peer. */
  get evicted(): boolean {
    return this.#evicted;
  }

  /** Goes on with an open connection, as the request of a proxy's client does. */
  opened(connection: Connection): void {
    this.#connection = connection;
  }

  /** Forgets it, and its connection too. */
  settle(): void {
    for (const place of this.#places) place.remove();
    this.#connection = undefined;
  }

  /** Aborts it, unless a connection is open. */
  abort(): void {
    this.#abort.abort();
  }

  evict(): void {
    const connection = this.#connection;
    this.settle();
    this.#evicted = true;
    this.abort();
    connection?.close(new SessionOverError("handshake", this.peer, "a newer one needs its place"));
  }
}

/** All pending handshakes of the process, the oldest first. */
const everywhere = new LinkedList<Handshake>();

/** Closes the oldest of the process for another peer, and returns it, if there is one. */
export function evictOldestAnywhere(): Handshake | undefined {
  return evictFirst(everywhere);
}

function evictFirst(pending: LinkedList<Handshake>): Handshake | undefined {
  const oldest = pending.first?.item;
  oldest?.evict();
  return oldest;
}

/** The pending handshakes of one server, the oldest first. */
export class Handshakes {
  readonly #pending = new LinkedList<Handshake>();

  begin(peer: string): Handshake {
    return new Handshake(peer, [this.#pending, everywhere]);
  }

  /** Closes the oldest for another peer, and returns it, if there is one. */
  evictOldest(): Handshake | undefined {
    return evictFirst(this.#pending);
  }

  /** Aborts all that have no open connection yet. */
  abort(): void {
    for (const handshake of [...this.#pending]) handshake.abort();
  }
}
