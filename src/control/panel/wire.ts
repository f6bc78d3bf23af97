/** What the control's API says, as JSON. */

export type Stream = "upstream" | "downstream";

/** Attributes of a toxic by name. */
export type Attributes = Readonly<Record<string, number | boolean>>;

export interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly stream: Stream;
  /** The share of connections that it acts on, 0 to 1. */
  readonly toxicity: number;
  readonly attributes: Attributes;
}

/** `GET /proxies`. */
export interface Proxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly Toxic[];
}

/** Round trips since the sums before; times are microseconds, and missing where `count` is 0. */
export interface RoundTrip {
  readonly count: number;
  readonly p50?: number;
  readonly p99?: number;
}

/** A proxy in the sums of `GET /events`; bytes since it was made. */
export interface ProxySums {
  readonly name: string;
  readonly enabled: boolean;
  readonly connections: number;
  readonly active: number;
  readonly received: number;
  readonly sent: number;
  readonly receivedFromTarget: number;
  readonly sentToTarget: number;
  readonly roundTrip: RoundTrip;
}

/** A line of the answer to `POST /replay`: one connection, or the last one, which has none. */
export interface ReplayLine {
  readonly connection?: number;
  /** Why it wasn't as recorded; missing where it was. */
  readonly error?: string;
  readonly dump?: readonly string[];
}

export interface Sums {
  /** RFC 3339. */
  readonly time: string;
  /** Events that this viewer was too slow for. */
  readonly missed: number;
  readonly proxies: readonly ProxySums[];
}

/** `GET /connections?closed`, of a connection that is over. */
export interface ClosedConnection extends Omit<Connection, "state"> {
  readonly state: "closed";
  /** RFC 3339. */
  readonly until: string;
  /** What has ended it, where that wasn't its peers' plain end. */
  readonly error?: string;
  readonly reset?: boolean;
}

export type ConnectionState = "connecting" | "open" | "half-closed" | "closing";

/** `GET /connections`. */
export interface Connection {
  readonly id: number;
  readonly proxy: string;
  readonly peer: string;
  readonly target: string;
  readonly state: ConnectionState;
  /** RFC 3339. */
  readonly since: string;
  /** Bytes sent to the peer. */
  readonly sent: number;
  /** Bytes received from the peer. */
  readonly received: number;
  readonly toxics: readonly string[];
}

/** An event of the log. */
export interface LogEvent {
  /** RFC 3339. */
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly message: string;
  readonly proxy?: string;
  readonly id?: number;
  readonly peer?: string;
  readonly address?: string;
  readonly sent?: number;
  readonly received?: number;
  readonly error?: string;
  /** Of a `close`: whether it was a reset. */
  readonly reset?: boolean;
}
