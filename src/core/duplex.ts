/**
 * The two shapes every transport yields and every command consumes: a `Duplex` carries bytes,
 * a `Channel` carries messages. Everything else about a connection is the same, and is an `End`.
 */

/** What bytes and messages have in common: one end of a connection. */
interface Closable {
  /** Who is at the other end, in a form that can be shown: `127.0.0.1:4242`, `unix:/run/x`. */
  readonly peer: string;
  /** Where the peer has connected to, if that is elsewhere than here (a PROXY header tells it). */
  readonly local?: string;
  /** Whether `closeWrite` reaches the peer while reading goes on (TCP has FIN, UDP has nothing). */
  readonly halfClose: boolean;
  /**
   * Whether the peer can tell a close for a reset from an end: TCP has RST, a Unix socket nothing.
   */
  readonly showsReset?: boolean;
  /**
   * Bytes of ours that the peer's system doesn't have yet, where that can be told: a close while
   * the peer is still sending takes them back (RFC 9293 §3.6.1).
   */
  readonly unsent?: number;
  /**
   * Ends by itself after a time of silence, which is then its normal end (an accepted UDP peer).
   */
  readonly expires?: boolean;
  /**
   * Where it `expires`: silence counts at most from the time that `since` tells, in milliseconds of
   * `performance.now()`.
   */
  excuse?(since: () => number): void;
  /**
   * Resolves once the peer can take nothing more, though it may still have something to say (a
   * child that has closed its stdin, or has exited). Where there is one, `closed` may reject.
   */
  readonly readerGone?: Promise<void>;
  /**
   * Ours at both sides (stdin and stdout, a child): it may stay unread when nobody wants what it
   * says. Any other peer would wait for its reader, or be reset by the close (RFC 9293 §3.6.1).
   */
  readonly own?: boolean;
  /** "I am done sending": reading goes on. Resolves when the next layer has taken it. */
  closeWrite(): Promise<void>;
  /**
   * Ends both directions. Idempotent. A pending or later read rejects with `reason`, or sees the
   * end where there is none; a pending or later write rejects.
   */
  close(reason?: Error): void;
  /**
   * Settles once nothing is left to do after `close`: a closing handshake is through, a child has
   * been waited for. Resolves with the reason that `close` got, or rejects with what only the very
   * end shows (a child's exit status).
   */
  readonly closed: Promise<Error | void>;
}

/** A stream of bytes each way. */
export interface Duplex extends Closable {
  readonly framing: "stream";
  /** Fills the start of `buffer`. Resolves with the number of bytes, or null: the peer ended. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Resolves when the next layer has taken all of `bytes`: awaiting it is the back-pressure. */
  write(bytes: Uint8Array): Promise<void>;
}

/** One message. An empty one is a message, never the end. */
export interface Message {
  readonly data: Uint8Array;
  /** WebSocket's two types (RFC 6455 §5.6); absent where the transport has only one (UDP). */
  readonly text?: boolean;
}

/** A sequence of messages each way. */
export interface Channel extends Closable {
  readonly framing: "message";
  /** Whether each message says if it is text or binary, as WebSocket's do and UDP's don't. */
  readonly typed?: boolean;
  /** What a WebSocket client has asked for: path and query, and the subprotocol agreed on. */
  readonly request?: { readonly path: string; readonly protocol?: string };
  /** When something of a message that isn't whole came last, in `performance.now()`. */
  readonly partialAt?: number;
  /** The next message, or null: the peer ended. Its bytes may be reused after the next call. */
  receive(): Promise<Message | null>;
  /** Resolves when the next layer has taken the message. */
  send(message: Message): Promise<void>;
  /** After `close`: with which number, where there is one (RFC 6455 §7.4). */
  readonly closeCode?: number;
}

export type Connection = Duplex | Channel;
