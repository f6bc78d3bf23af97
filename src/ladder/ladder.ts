/**
 * A ladder diagram of one connection: its parties as lines from top to bottom, and what happened
 * between them as rows, in no language and for no medium yet.
 */

/** What carries the bytes between two neighbours. */
export type Carrier = "tcp" | "unix" | "unixgram" | "command" | "file" | "udp";

/** One end of the connection, or coax between two ends. */
export interface Party {
  readonly role: "client" | "server" | "command" | "file" | "relay" | "target";
  /** Whether this is coax itself. */
  readonly isCoax: boolean;
  /** Printable. */
  readonly address?: string;
}

/** How a party's line is drawn: solid where it may send, dashed where it doesn't, or not at all. */
export type LineState = "sends" | "listens" | "gone";

/** What an arrow stands for; `src/ladder/words/english.ts` explains each. */
export type ArrowKind =
  | "connect"
  | "accept"
  | "connection"
  | "refused"
  | "tls"
  | "request"
  | "response"
  | "bytes"
  | "message"
  | "fin"
  | "close"
  | "reset";

/** Bytes or messages that one arrow stands for. */
export interface Load {
  readonly bytes: number;
  /** Messages, or reads and writes of bytes. */
  readonly pieces: number;
  /** Seconds from the first to the last piece. */
  readonly seconds: number;
  /** The beginning, in printable characters. */
  readonly preview: string;
}

export interface Arrow {
  readonly kind: "arrow";
  readonly what: ArrowKind;
  /** Indices of parties. */
  readonly from: number;
  readonly to: number;
  /** What carries it where it begins. */
  readonly carrier: Carrier;
  /** Whether it never arrived. */
  readonly lost?: boolean;
  readonly load?: Load;
  /** A line of HTTP, or a reason; printable. */
  readonly text?: string;
  /** How long a handshake took. */
  readonly seconds?: number;
  /** Of a WebSocket's Close (RFC 6455 §7.4). */
  readonly code?: number;
}

export type NoteKind =
  | "create"
  | "bind"
  | "listen"
  | "begun"
  | "omitted"
  | "datagrams"
  | "resolved"
  | "spawn"
  | "retry"
  | "unreachable"
  | "proxied"
  | "fault"
  | "error"
  | "over"
  | "unfinished";

/** What one party did or noticed by itself. */
export interface Note {
  readonly kind: "note";
  readonly what: NoteKind;
  /** Index of the party. */
  readonly at: number;
  /** Printable. */
  readonly text?: string;
  /** How long it waits. */
  readonly seconds?: number;
}

/** What passed each way: `in` is towards the side that accepted. */
export interface Totals {
  readonly bytes: number;
  readonly pieces: number;
}

/** Many arrows of bytes or messages that aren't drawn one by one. */
export interface Fold {
  readonly kind: "fold";
  readonly what: "bytes" | "message";
  readonly seconds: number;
  readonly in: Totals;
  readonly out: Totals;
}

/** A time without an event. */
export interface Pause {
  readonly kind: "pause";
  readonly seconds: number;
}

export type Row = (Arrow | Note | Fold | Pause) & {
  /** Seconds since the first event of the connection. */
  readonly t: number;
  /** How the lines are drawn beside this row, by party. */
  readonly lines: readonly LineState[];
};

export interface Ladder {
  /** The number of the connection in its recording. */
  readonly id: number;
  /** Seconds since the recording began. */
  readonly start: number;
  /** From the first to the last event, seconds. */
  readonly seconds: number;
  /** Two, or three with coax as a relay between them. */
  readonly parties: readonly Party[];
  /** What carries the bytes of the client. */
  readonly carrier: Carrier;
  readonly what: "bytes" | "message";
  readonly in: Totals;
  readonly out: Totals;
  readonly rows: readonly Row[];
}
