/** What the benchmark and its client and server say to each other, as JSON lines. */

/** Where the server listens on 127.0.0.1. */
export interface Ports {
  /** Counts the bytes until their end, then answers with 8 bytes: how many (big-endian). */
  readonly sink: number;
  /** Sends everything back. */
  readonly echo: number;
}

export type Job =
  /** Sends `bytes` over `connections` together; measures MB/s until the sink's last answer. */
  | { job: "stream"; port: number; bytes: number; connections: number }
  /** Connects, exchanges 64 bytes and closes, `count` times, `parallel` at once; a second. */
  | { job: "connect"; port: number; count: number; parallel: number }
  /** Exchanges 64 bytes `count` times over one connection; p50 and p99 in µs. */
  | { job: "rtt"; port: number; count: number };
