/** What a transport can be told; plain values, filled from the command line by the commands. */
import type { Log } from "../core/log.ts";

export interface DialOptions {
  readonly log: Log;
  /** Only this family of addresses. */
  readonly family?: 4 | 6;
  /** Milliseconds for one attempt to connect. */
  readonly connectTimeout?: number;
  /** For a child process: who it talks to, in `COAX_PEER`, `COAX_LOCAL` and `COAX_ID`. */
  readonly child?: { readonly peer: string; readonly local: string; readonly id: number };
}

export interface ListenOptions {
  readonly log: Log;
  /** Permission bits of a Unix socket's file. */
  readonly socketMode: number;
  /** Milliseconds of silence that end a session where nothing else does (UDP). */
  readonly idleTimeout?: number;
}
