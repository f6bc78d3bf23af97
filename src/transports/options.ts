/** What a transport can be told; plain values, filled from the command line by the commands. */
import type { Log } from "../core/log.ts";

/** A certificate (with its chain) and the private key that belongs to it, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** How our connecting side does TLS. */
export interface TlsDialOptions {
  /** PEM of certificate authorities that count beside the system's and Mozilla's. */
  readonly ca?: string;
  /** The name to ask for (SNI) and to find in the certificate, instead of the address's host. */
  readonly serverName?: string;
  /** Protocols to offer, in order of preference (RFC 7301). */
  readonly alpn?: readonly string[];
  /** SHA-256 of the one certificate to accept, in lowercase hexadecimal; nothing else is checked. */
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
  readonly family?: 4 | 6;
  /** Milliseconds for one attempt to connect, and again for a handshake. */
  readonly connectTimeout?: number;
  readonly tls?: TlsDialOptions;
  /** For a child process: who it talks to, in `COAX_PEER`, `COAX_LOCAL` and `COAX_ID`. */
  readonly child?: { readonly peer: string; readonly local: string; readonly id: number };
}

export interface ListenOptions {
  readonly log: Log;
  /** Permission bits of a Unix socket's file. */
  readonly socketMode: number;
  /** Milliseconds that a peer may take for a handshake. */
  readonly handshakeTimeout?: number;
  readonly tls?: TlsListenOptions;
}
