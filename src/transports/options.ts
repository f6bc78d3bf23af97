/**
 * Options of transports, which `src/setup` maps from the command line's. A limit or a check isn't
 * optional: leaving one out doesn't compile.
 */
import type { HostPort } from "../address/address.ts";
import type { Log } from "../core/log.ts";
import type { Proxy } from "../proxy/url.ts";
import type { ClientOptions, VisitorOptions } from "../ws/client.ts";
import type { KeepAlive } from "./keep_alive.ts";
import type { ServerOptions } from "../ws/server.ts";
import type { ServedConnection } from "./process/environment.ts";
import type { StartTlsProtocol } from "./tls/starttls_protocols.ts";

/** A certificate (with its chain) and the private key that belongs to it, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** TLS options of connecting. */
export interface TlsDialOptions {
  /** Certificate authorities to trust beside the system's and Mozilla's, one PEM text each. */
  readonly ca?: readonly string[];
  /** The name to ask for (SNI) and to find in the certificate, instead of the address's host. */
  readonly serverName?: string;
  /** Protocols to offer, in order of preference (RFC 7301). */
  readonly alpn?: readonly string[];
  /** SHA-256 of the one certificate to accept, lowercase hexadecimal; nothing else is checked. */
  readonly pin?: string;
  /** The certificate for a server that asks for one. */
  readonly clientCert?: Identity;
  /** The protocol in whose words to ask for TLS, in the clear. */
  readonly starttls?: StartTlsProtocol;
  /** Accept any certificate. */
  readonly insecure?: boolean;
}

/** TLS options of listening. */
export interface TlsListenOptions {
  readonly identity?: Identity;
  /** Only clients with a certificate of one of these authorities get in, one PEM text each. */
  readonly clientCa?: readonly string[];
  /** Protocols to choose from, in order of preference (RFC 7301). */
  readonly alpn?: readonly string[];
}

export interface DialOptions {
  readonly log: Log;
  /** The only address family to use. */
  readonly family: 4 | 6 | undefined;
  /** Milliseconds for one attempt to connect, and for a handshake after it. */
  readonly connectTimeout: number | undefined;
  /** Proxies to go through, in order; each resolves the name of the next hop. */
  readonly via: readonly Proxy[];
  /** Our own address, port 0 for any free one; through proxies, towards the first. */
  readonly bind: HostPort | undefined;
  /** Whether datagrams may go to a broadcast address. */
  readonly broadcast: boolean;
  readonly keepAlive: KeepAlive;
  /** Whether an IP address of the target may be connected to. */
  readonly allow: ((ip: string) => boolean) | undefined;
  /** Gives an attempt to connect up when it aborts. */
  readonly signal?: AbortSignal;
  /** Bytes to send first (a PROXY header). */
  readonly preface?: Uint8Array;
  readonly tls: TlsDialOptions | undefined;
  /** The connection that is being served, of which a child process is told. */
  readonly child?: ServedConnection;
  /** Gets the lines of a child's stderr, which goes where ours goes without this. */
  readonly childErrors?: (line: string) => void;
  /** For WebSocket addresses. */
  readonly ws: ClientOptions | undefined;
  /** The WebSocket that a WebSocket is connected for. */
  readonly visitor?: Visitor;
}

/** What the client of a relayed WebSocket asks for, to be asked of the target. */
export interface Visitor {
  /** Path and query, for an address without a path. */
  readonly path: string;
  /** Options that its handshake decides. */
  readonly ws: VisitorOptions;
}

/** How to reach a gate, and the secret that proves who may listen there. */
export interface GateOptions {
  readonly secret: string;
  readonly dial: DialOptions;
}

export interface ListenOptions {
  readonly log: Log;
  /** For gate addresses. */
  readonly gate: GateOptions | undefined;
  /** Whether connections begin with a PROXY header, which names the original peer. */
  readonly proxyProtocol: boolean;
  /** Why the peer that a PROXY header names is denied, or undefined if it isn't. */
  readonly admit: ((peer: string) => string | undefined) | undefined;
  /** Permission bits of a Unix socket's file. */
  readonly socketMode: number;
  readonly keepAlive: KeepAlive;
  /** Whether other processes that say so too may listen on the same port (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /** Milliseconds without a datagram after which a UDP session is closed. */
  readonly idleTimeout: number | undefined;
  /** Milliseconds for a peer's handshake (TLS, HTTP, a PROXY header). */
  readonly handshakeTimeout: number | undefined;
  /** For WebSocket addresses. */
  readonly ws: ServerOptions | undefined;
  readonly tls: TlsListenOptions | undefined;
}

/** What a listener has that no option of the command line is for: no limit, and nobody denied. */
export const PLAIN_LISTENER: Omit<ListenOptions, "log" | "socketMode" | "handshakeTimeout"> = {
  gate: undefined,
  proxyProtocol: false,
  admit: undefined,
  reusePort: false,
  keepAlive: undefined,
  idleTimeout: undefined,
  ws: undefined,
  tls: undefined,
};
