/** Listeners: transports yield them, the accept loop consumes them. */
import type { Connection } from "./duplex.ts";
import type { Log } from "./log.ts";

/** An accepted peer, from which nothing has been read yet. */
export interface Incoming {
  readonly peer: string;
  /** Our own address of this connection. */
  readonly local: string;
  /** Whether `open` waits for input from the peer. */
  readonly handshake?: boolean;
  /** Does the handshake, if the transport has one, logs it, and resolves with the connection. */
  open(signal: AbortSignal, log: Log): Promise<Connection>;
  /** Closes it without opening it. */
  refuse(): void;
}

/** A bound socket, or several that stand for one address. */
export interface Listener {
  /** The addresses that are bound, in a form that `coax client` takes. */
  readonly addresses: readonly string[];
  /** The next peer, or null once the listener is closed. Rejects when accepting failed. */
  accept(): Promise<Incoming | null>;
  /**
   * The connection that has been idle longest, where the transport may close it for another one.
   * Without EOF, peers that are gone look like idle ones (UDP).
   */
  longestIdle?(): Evictable | undefined;
  close(): void;
}

/** A connection that can be closed for another one. */
export interface Evictable {
  /** When it last sent or received, in milliseconds of `performance.now()`. */
  readonly since: number;
  evict(): void;
}
