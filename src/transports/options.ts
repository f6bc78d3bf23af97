/**
 * What a transport can be told; plain values, filled from the command line by `src/setup`. A limit
 * or a check has no default here: leaving one out doesn't compile.
 */
import type { Log } from "../core/log.ts";
import type { Proxy } from "../proxy/url.ts";
import type { ClientOptions } from "../ws/client.ts";
import type { ServerOptions } from "../ws/server.ts";

/** A certificate (with its chain) and the private key that belongs to it, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** How our connecting side does TLS. */
export interface TlsDialOptions {
  /** PEM of certificate authorities that count beside the system's and Mozilla's, one each. */
  readonly ca?: readonly string[];
  /** The name to ask for (SNI) and to find in the certificate, instead of the address's host. */
  readonly serverName?: string;
  /** Protocols to offer, in order of preference (RFC 7301). */
  readonly alpn?: readonly string[];
  /**
   * SHA-256 of the one certificate to accept, in lowercase hexadecimal; nothing else is checked.
   */
  readonly pin?: string;
  /** What we show a server that asks who we are. */
  readonly clientCert?: Identity;
  /** Accept any certificate. */
  readonly insecure?: boolean;
}

/** How our listening side does TLS. */
export interface TlsListenOptions {
  readonly identity?: Identity;
  /** Protocols to choose from, in order of preference (RFC 7301). */
  readonly alpn?: readonly string[];
}

export interface DialOptions {
  readonly log: Log;
  /** Only this family of addresses. */
  readonly family: 4 | 6 | undefined;
  /** Milliseconds for one attempt to connect, and for a handshake after it. */
  readonly connectTimeout: number | undefined;
  /** Proxies to go through, the nearest first; they resolve the names behind them. */
  readonly via: readonly Proxy[];
  /** Asked about each IP address of the target before it is tried. */
  readonly allow: ((ip: string) => boolean) | undefined;
  /** Bytes that come before everything else on the connection (a PROXY header). */
  readonly preface?: Uint8Array;
  readonly tls: TlsDialOptions | undefined;
  /** For a child process: who it talks to, in `COAX_PEER`, `COAX_LOCAL` and `COAX_ID`. */
  readonly child?: { readonly peer: string; readonly local: string; readonly id: number };
  /** For WebSocket addresses. */
  readonly ws: ClientOptions | undefined;
}

export interface ListenOptions {
  readonly log: Log;
  /** Connections begin with a PROXY header, which says who the peer is. */
  readonly proxyProtocol: boolean;
  /** Says why the peer that such a header names isn't let in. */
  readonly admit: ((peer: string) => string | undefined) | undefined;
  /** Permission bits of a Unix socket's file. */
  readonly socketMode: number;
  /** Milliseconds of silence that end a session where nothing else does (UDP). */
  readonly idleTimeout: number | undefined;
  /** Milliseconds for a peer's handshake (HTTP). */
  readonly handshakeTimeout: number | undefined;
  /** For WebSocket addresses. */
  readonly ws: ServerOptions | undefined;
  readonly tls: TlsListenOptions | undefined;
}
