/** Does TLS handshakes with a timeout, and maps their failures to coax's errors. */
import { onAbort } from "../../core/abort.ts";
import { CoaxError, TimeoutError, TlsError, UsageError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { withTimeout } from "../../core/time.ts";
import { type Certificate, certificateOf } from "./certificate.ts";
import { broken } from "../failure.ts";
import { descriptorFinder } from "../held.ts";
import type { Identity } from "../options.ts";
import { startNodeTls } from "./node.ts";

/** What a client sends in its handshake, and the name it checks. */
export interface ClientConfig {
  /** The name to ask for, and to find in the certificate. */
  readonly hostname: string;
  readonly alpn?: readonly string[];
  readonly clientCert?: Identity;
}

/** Which certificates are accepted. */
export type Trust =
  /** Any; the peer doesn't even have to prove that it holds the key. */
  | "anything"
  /** Those issued by an authority of the system, of Mozilla or of `caCerts`. */
  | { readonly caCerts: readonly string[]; readonly anyName?: boolean };

export interface HandshakeOptions {
  /** The peer's address, for messages. */
  readonly peer: string;
  /** Whether the peer has connected to us; it may leave in the handshake without an error. */
  readonly accepted?: boolean;
  /** Milliseconds for the handshake. */
  readonly timeout?: number;
  /** Closes the connection when it aborts. */
  readonly signal?: AbortSignal;
  readonly log: Log;
}

/** The reason of a `ServerGoneError`, unless more is known. */
export const SERVER_GONE = "the peer ended the connection in the handshake; does it speak TLS?";

/** A server has closed the connection in the handshake. */
export class ServerGoneError extends TlsError {}

/** A client has closed the connection in the handshake, as port checks do: no failure. */
class ClientGoneError extends CoaxError {
  readonly status = 0;
}

/**
 * Waits for the handshake to finish, and closes the connection if it fails, also if `starting`
 * resolves only later. `socket` is the connection under TLS.
 *
 * Rejects with a `TlsError`, a `TimeoutError`, or a `BrokenError` after a reset.
 */
export async function doHandshake(
  starting: Deno.TlsConn | Promise<Deno.TlsConn>,
  socket: Deno.Conn,
  options: HandshakeOptions,
): Promise<Deno.TlsConn> {
  const { peer, timeout, signal } = options;
  const started = Promise.resolve(starting);
  const close = () => void started.then(closeQuietly, () => {});
  const findDescriptor = descriptorFinder(socket);
  const abort = () => {
    findDescriptor()?.shutdown();
    close();
  };
  const start = performance.now();
  using _ = onAbort(signal, abort);
  try {
    const { alpnProtocol } = await withTimeout(
      started.then((conn) => conn.handshake()),
      timeout,
      () => new TimeoutError("handshake", peer, `timed out after ${timeout} ms`),
    );
    const conn = await started;
    await logHandshake(conn, alpnProtocol, start, options);
    return conn;
  } catch (error) {
    if (error instanceof TimeoutError) abort();
    else close();
    throw handshakeFailure(error, options);
  }
}

/**
 * Does a handshake as a client on `tcp`, which is consumed or closed.
 *
 * Rejects as `doHandshake` does, or with a `UsageError` for an invalid server name.
 */
export async function startClient(
  tcp: Deno.TcpConn,
  client: ClientConfig,
  trust: Trust,
  options: HandshakeOptions,
): Promise<Deno.TlsConn> {
  trustSystemStore();
  const starting = startTls(tcp, client, trust).catch((error) => {
    closeQuietly(tcp);
    const invalid = error instanceof TypeError;
    throw invalid ? new UsageError(`"${client.hostname}"`, "no name of a server") : error;
  });
  return await doHandshake(starting, tcp, options);
}

/** Starts TLS, through `node:tls` where `Deno.startTls` lacks the option. */
async function startTls(
  tcp: Deno.TcpConn,
  { hostname, alpn, clientCert }: ClientConfig,
  trust: Trust,
): Promise<Deno.TlsConn> {
  if (trust === "anything") {
    return await startNodeTls(tcp, { hostname, alpn, clientCert, caCerts: [], verify: false });
  }
  if (clientCert) {
    return await startNodeTls(tcp, { hostname, alpn, clientCert, verify: true, ...trust });
  }
  return await Deno.startTls(tcp, {
    hostname,
    alpnProtocols: alpn && [...alpn],
    caCerts: [...trust.caCerts],
    unsafelyDisableHostnameVerification: trust.anyName,
  });
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already by the signal, or consumed by a handshake that failed to start.
  }
}

/** Maps a failed handshake; FIN in the handshake truncates no data, so it is no reset. */
function handshakeFailure(error: unknown, { peer, accepted }: HandshakeOptions): CoaxError {
  if ((error as Error).name !== "UnexpectedEof") return broken("handshake", peer, error);
  if (accepted) return new ClientGoneError("handshake", peer, "left in the handshake");
  return new ServerGoneError("handshake", peer, SERVER_GONE, { cause: error });
}

async function logHandshake(
  conn: Deno.TlsConn,
  protocol: string | null,
  start: number,
  { peer, accepted, log }: HandshakeOptions,
): Promise<void> {
  const seconds = (performance.now() - start) / 1000;
  const certificate = log.enabled("debug") ? await certificateOf(conn) : undefined;
  const took = `${(seconds * 1000).toFixed(1)} ms`;
  const details = [
    protocol && `protocol ${protocol}`,
    certificate && `certificate ${describe(certificate, accepted)}, sha256:${certificate.pin}`,
  ].filter(Boolean);
  log.debug("handshake", [`TLS handshake with ${peer}: done in ${took}`, ...details].join("; "), {
    address: accepted ? undefined : peer,
    protocol: protocol ?? undefined,
    seconds,
    certificate: certificate?.names,
    subject: accepted ? certificate?.subject : undefined,
    pin: certificate && `sha256:${certificate.pin}`,
  });
}

/** A server is known by the names that its certificate is for, a client by its subject as well. */
function describe({ subject, names }: Certificate, accepted?: boolean): string {
  if (!accepted) return `for ${names || "no name"}`;
  return `of ${[subject, names].filter(Boolean).join(", ") || "no name"}`;
}

/**
 * Trusts the system's certificate authorities beside Mozilla's (the runtime's default), unless the
 * user has chosen. The runtime reads the variable once, at the first TLS connection.
 */
function trustSystemStore(): void {
  if (Deno.env.has("DENO_TLS_CA_STORE")) return;
  Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");
}
