/**
 * Handshakes that aren't finished. Each has its slot only until another peer needs it, so that a
 * silent peer keeps nobody out.
 */
import type { Connection } from "./duplex.ts";
import { SessionOverError } from "./errors.ts";

/** The handshake of one peer. */
class Handshake {
  readonly #abort = new AbortController();
  #connection: Connection | undefined;
  #evicted = false;

  constructor(readonly peer: string) {}

  /** Aborts the handshake as long as no connection is open. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether it was closed for another peer. */
  get evicted(): boolean {
    return this.#evicted;
  }

  /** Goes on with an open connection, as the request of a proxy's client does. */
  opened(connection: Connection | undefined): void {
    this.#connection = connection;
  }

  /** Aborts it, unless a connection is open. */
  abort(): void {
    this.#abort.abort();
  }

  evict(): void {
    this.#evicted = true;
    this.abort();
    this.#connection?.close(
      new SessionOverError("handshake", this.peer, "a newer one needs its place"),
    );
  }
}

/** All pending handshakes, the oldest first. */
export class Handshakes {
  readonly #pending = new Set<Handshake>();

  begin(peer: string): Handshake {
    const handshake = new Handshake(peer);
    this.#pending.add(handshake);
    return handshake;
  }

  /** Forgets the connection too: a set's deleted item may stay in memory for long. */
  settle(handshake: Handshake): void {
    this.#pending.delete(handshake);
    handshake.opened(undefined);
  }

  /** Closes the oldest for another peer, and returns it, if there is one. */
  evictOldest(): Handshake | undefined {
    for (const oldest of this.#pending) {
      this.#pending.delete(oldest);
      oldest.evict();
      return oldest;
    }
    return undefined;
  }

  /** Aborts all that have no open connection yet. */
  abort(): void {
    for (const handshake of this.#pending) handshake.abort();
  }
}
