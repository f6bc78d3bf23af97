/** What a transport that can be listened on yields, and the accept loop consumes. */
import type { Connection } from "./duplex.ts";
import type { Log } from "./log.ts";

/** A peer that has been accepted; nothing has been read from it yet. */
export interface Incoming {
  readonly peer: string;
  /** Our own address of this connection. */
  readonly local: string;
  /** Whether `open` waits for something that the peer has to say. */
  readonly handshake?: boolean;
  /** Does the handshake, if the transport has one, told to `log`, and yields the connection. */
  open(signal: AbortSignal, log: Log): Promise<Connection>;
  /** Lets go of a peer that is not going to be opened. */
  refuse(): void;
}

/** A bound socket, or several that were asked for as one address. */
export interface Listener {
  /** The addresses really bound, in a form that `coax client` takes. */
  readonly addresses: readonly string[];
  /** The next peer, or null once the listener is closed. Rejects when accepting failed. */
  accept(): Promise<Incoming | null>;
  /**
   * The connection that has been silent for longest, where a transport may end it for another one:
   * without closing, peers that have left look like peers that are silent (UDP).
   */
  longestIdle?(): Evictable | undefined;
  close(): void;
}

/** A connection that may have to make room. */
export interface Evictable {
  /** When something was sent or received last, in milliseconds of `performance.now()`. */
  readonly since: number;
  evict(): void;
}
