/** What the benchmark and its client and server say to each other, as JSON lines. */

/** Where the server listens on 127.0.0.1. */
export interface Ports {
  /** Counts the bytes until their end, then answers with 8 bytes: how many (big-endian). */
  readonly sink: number;
  /** Takes a number (8 bytes, big-endian), then as many bytes, and says with one byte when. */
  readonly counter: number;
  /** Sends everything back. */
  readonly echo: number;
  /** Offers 10 MiB to everyone who connects, and doesn't mind if nobody reads them. */
  readonly source: number;
}

export type Job =
  /**
   * Sends `bytes` over `connections` together; measures MB/s until the sink's last answer. With
   * `ca`, the PEM of an authority, over TLS.
   */
  | { job: "stream"; port: number; bytes: number; connections: number; ca?: string }
  /** Sends WebSocket messages of `size` bytes to a counter; MB/s until it has them all. */
  | { job: "messages"; port: number; bytes: number; size: number }
  /**
   * Joins a room `members` times, `speakers` of whom say `lines` each: all at once, or, as in a
   * conversation, each when everyone has heard the last; lines received a second.
   */
  | {
    job: "chat";
    port: number;
    members: number;
    speakers: number;
    lines: number;
    flood: boolean;
  }
  /** Connects, exchanges 64 bytes and closes, `count` times, `parallel` at once; a second. */
  | { job: "connect"; port: number; count: number; parallel: number }
  /** Exchanges 64 bytes `count` times over so many connections at once; p50 and p99 in µs. */
  | { job: "rtt"; port: number; count: number; connections: number }
  /**
   * Sends `bytes` to a listener for one connection, as soon as there is one; measures MB/s until it
   * has ended too.
   */
  | { job: "send"; port: number; bytes: number }
  /**
   * Sends datagrams of `size` bytes to an echo, so many a second; the percentage that came back.
   */
  | { job: "datagrams"; port: number; size: number; perSecond: number; seconds: number }
  /** Opens connections and leaves them alone; with `exchange`, after a byte there and back. */
  | { job: "hold"; port: number; count: number; exchange: boolean }
  /** Closes what is held. */
  | { job: "release" };
