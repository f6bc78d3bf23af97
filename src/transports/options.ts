/** What a transport can be told; plain values, filled from the command line by the commands. */
import type { Log } from "../core/log.ts";
import type { ClientOptions } from "../ws/client.ts";
import type { ServerOptions } from "../ws/server.ts";

export interface DialOptions {
  readonly log: Log;
  /** Only this family of addresses. */
  readonly family?: 4 | 6;
  /** Milliseconds for one attempt to connect, and for a handshake after it. */
  readonly connectTimeout?: number;
  /** For a child process: who it talks to, in `COAX_PEER`, `COAX_LOCAL` and `COAX_ID`. */
  readonly child?: { readonly peer: string; readonly local: string; readonly id: number };
  /** For WebSocket addresses. */
  readonly ws?: ClientOptions;
}

export interface ListenOptions {
  readonly log: Log;
  /** Permission bits of a Unix socket's file. */
  readonly socketMode: number;
  /** Milliseconds for a peer's handshake (HTTP). */
  readonly handshakeTimeout?: number;
  /** For WebSocket addresses. */
  readonly ws?: ServerOptions;
}
