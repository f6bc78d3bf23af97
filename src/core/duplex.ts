/**
 * The two kinds of connection that transports yield and commands consume: a `Duplex` carries bytes,
 * a `Channel` carries messages.
 */

/** What both kinds have in common. */
interface Closable {
  /** The peer's address, in a form that can be shown: `127.0.0.1:4242`, `unix:/run/x`. */
  readonly peer: string;
  /**
   * Our address, where it is known: of an accepted connection only if a PROXY header names another
   * than the socket's.
   */
  readonly local?: string;
  /** Whether `closeWrite` reaches the peer while reading goes on (TCP has FIN, UDP has nothing). */
  readonly halfClose: boolean;
  /** Whether the peer can tell a reset from EOF: TCP has RST, a Unix socket nothing. */
  readonly showsReset?: boolean;
  /**
   * Bytes of ours that the peer's system hasn't acknowledged yet, where that is known. A close
   * while the peer is still sending loses them (RFC 9293 §3.6.1).
   */
  readonly unsent?: number;
  /** Whether silence closes it, as the normal way to finish (an accepted UDP peer). */
  readonly expires?: boolean;
  /**
   * Where it `expires`: counts silence only from the time that `since` returns, in milliseconds of
   * `performance.now()`.
   */
  excuse?(since: () => number): void;
  /**
   * Resolves once the peer reads nothing more, though it may still send (a child that has closed
   * its stdin, or has exited). `closed` can reject only where this is defined.
   */
  readonly readerGone?: Promise<void>;
  /**
   * Whether both sides are ours (stdin and stdout, a child), so that its output may stay unread.
   * Any other peer would be stalled, or reset by the close (RFC 9293 §3.6.1).
   */
  readonly own?: boolean;
  /** Sends EOF; reading goes on. Resolves when the next layer has taken it. */
  closeWrite(): Promise<void>;
  /**
   * Closes both directions. Idempotent. A pending or later read rejects with `reason`, or returns
   * null where there is none; a pending or later write rejects.
   */
  close(reason?: Error): void;
  /**
   * Settles when `close` has finished its work: a closing handshake is over, a child has exited.
   * Resolves with the reason given to `close`, or rejects with an error that shows only then (a
   * child's exit status).
   */
  readonly closed: Promise<Error | void>;
}

/** A stream of bytes each way. */
export interface Duplex extends Closable {
  readonly framing: "stream";
  /**
   * Whether nothing is written to a read's buffer any more once that read has settled, be it by a
   * `close`: a read of stdin goes on in the runtime.
   */
  readonly freesBuffer?: boolean;
  /**
   * Whether each write may take long, be it short or not, so that few long ones are wanted: stdout
   * and files are written in another thread.
   */
  readonly gathers?: boolean;
  /** Fills the start of `buffer`. Resolves with the number of bytes, or null at EOF. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Resolves when the next layer has taken all of `bytes`: awaiting it is the back-pressure. */
  write(bytes: Uint8Array): Promise<void>;
}

/** The content of a WebSocket's Close (RFC 6455 §5.5.1). */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** One message. An empty one is a message, never EOF. */
export interface Message {
  readonly data: Uint8Array;
  /** WebSocket's two types (RFC 6455 §5.6); absent where the transport has only one (UDP). */
  readonly text?: boolean;
}

/** A WebSocket's opening handshake that waits for our answer. */
export interface PendingUpgrade {
  /** Subprotocols that the client offers, the best first. */
  readonly protocols: readonly string[];
  /** The fields of its request. */
  readonly headers: Headers;
  /** Switches protocols, to speak that subprotocol, or the one that our options choose. */
  accept(protocol?: string): Promise<void>;
  /** Answers with an HTTP status of 400 or more instead, and closes the connection. */
  refuse(
    status: number,
    why: string,
    headers?: readonly (readonly [name: string, value: string])[],
  ): Promise<void>;
}

/** A sequence of messages each way. */
export interface Channel extends Closable {
  readonly framing: "message";
  /** Whether each message is marked as text or binary, as WebSocket's are and UDP's aren't. */
  readonly typed?: boolean;
  /** A WebSocket's request: path and query, and the subprotocol agreed on. */
  readonly request?: { readonly path: string; readonly protocol?: string };
  /** The handshake, of a client that isn't answered until its target is known. */
  readonly upgrade?: PendingUpgrade;
  /** When the last piece of an unfinished message came, in milliseconds of `performance.now()`. */
  readonly partialAt?: number;
  /** The next message, or null at EOF. Its bytes may be reused after the next call. */
  receive(): Promise<Message | null>;
  /**
   * The next message, if it has arrived already and nothing has to be waited for. Its bytes are the
   * caller's. No `receive` may be pending.
   */
  received?(): Message | undefined;
  /** Resolves when the next layer has taken the message. */
  send(message: Message): Promise<void>;
  /**
   * Whether `send` may be called again before it has resolved: messages keep their order, and those
   * that wait go out together.
   */
  readonly queues?: boolean;
  /** The code it was closed with, once it is closed (RFC 6455 §7.4). */
  readonly closeCode?: number;
  /** The peer's Close, once it has been received: the peer takes nothing more (RFC 6455 §5.5.1). */
  readonly peerClose?: Close;
  /** Closes with this Close, where there is such a thing; nothing more is received. */
  closeWith?(close: Close): void;
}

export type Connection = Duplex | Channel;

/** Whether it is a WebSocket: it has no half-close, but a Close that ends both directions. */
export function isWebSocket(connection: Connection): connection is Channel {
  return connection.framing === "message" && connection.request !== undefined;
}
