/**
 * Peers that haven't finished their handshake. They have their places only as long as nobody needs
 * them: who says nothing keeps nobody out.
 */
import type { Connection } from "./duplex.ts";
import { SessionOverError } from "./errors.ts";

/** The handshake of one peer. */
class Handshake {
  readonly #abort = new AbortController();
  #end: Connection | undefined;
  #gaveWay = false;

  constructor(readonly peer: string) {}

  /** Aborts what is under way as long as there is no end. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether it has been ended for another peer. */
  get evicted(): boolean {
    return this.#gaveWay;
  }

  /** It goes on with what has been opened: a proxy's client says what it wants. */
  goOn(connection: Connection | undefined): void {
    this.#end = connection;
  }

  /** Ends it, unless there is an end already. */
  abort(): void {
    this.#abort.abort();
  }

  evict(): void {
    this.#gaveWay = true;
    this.abort();
    this.#end?.close(new SessionOverError("handshake", this.peer, "a newer one needs its place"));
  }
}

/** All that are under way, the oldest first. */
export class Handshakes {
  readonly #pending = new Set<Handshake>();

  begin(peer: string): Handshake {
    const handshake = new Handshake(peer);
    this.#pending.add(handshake);
    return handshake;
  }

  /** What was in a set may stay in memory for long: its end doesn't. */
  settle(handshake: Handshake): void {
    this.#pending.delete(handshake);
    handshake.goOn(undefined);
  }

  /** Ends the oldest for another peer, and yields it, if there is one. */
  evictOldest(): Handshake | undefined {
    for (const oldest of this.#pending) {
      this.#pending.delete(oldest);
      oldest.evict();
      return oldest;
    }
    return undefined;
  }

  /** Ends all that have no end yet. */
  abort(): void {
    for (const handshake of this.#pending) handshake.abort();
  }
}
