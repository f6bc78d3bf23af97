/** The JSON lines between the benchmark and its client and server. */

/** The server's ports on 127.0.0.1. */
export interface Ports {
  /** Counts bytes until EOF, then sends the count (8 bytes, big-endian). */
  readonly sink: number;
  /** Takes a number (8 bytes, big-endian), then as many bytes, then sends one byte. */
  readonly counter: number;
  /** Sends everything back. */
  readonly echo: number;
  /** Sends 10 MiB to every client, read or not. */
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
   * Joins a room `members` times; `speakers` of them send `lines` each: in a flood, or each line
   * when everyone has received the last. Measures received lines a second.
   */
  | {
    job: "chat";
    port: number;
    members: number;
    speakers: number;
    lines: number;
    flood: boolean;
  }
  /** Connects `count` times at once, then exchanges 64 bytes over each; the slowest connect, ms. */
  | { job: "burst"; port: number; count: number }
  /** Exchanges 64 bytes `count` times over `connections` at once; p50 and p99 in µs. */
  | { job: "rtt"; port: number; count: number; connections: number }
  /**
   * Sends `bytes` to a listener for one connection, as soon as it listens; measures MB/s until its
   * EOF.
   */
  | { job: "send"; port: number; bytes: number }
  /**
   * Sends datagrams of `size` bytes to an echo, `perSecond`; the percentage that came back.
   */
  | { job: "datagrams"; port: number; size: number; perSecond: number; seconds: number }
  /**
   * Joins a room `count` times, one after the other, until nobody hears anything new; those who
   * don't stay leave at once.
   */
  | { job: "join"; port: number; count: number; stay: boolean }
  /**
   * Sends WebSocket messages of `size` bytes to an echo over `connections`, each once the last is
   * back; messages a second. With `deflate`, they are compressed.
   */
  | {
    job: "webSocketEchoes";
    port: number;
    size: number;
    connections: number;
    seconds: number;
    deflate: boolean;
  }
  /** Opens idle connections; with `exchange`, each after one byte to an echo and back. */
  | { job: "hold"; port: number; count: number; exchange: boolean }
  /** Closes the connections of `hold`. */
  | { job: "release" };
