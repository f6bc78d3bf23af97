/** One TLS handshake, with an end: what is checked, how long it may take, and what went wrong. */
import { type CoaxError, TimeoutError, TlsError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { within } from "../core/time.ts";
import { certificateOf } from "./certificate.ts";
import { broken } from "./failure.ts";
import type { Identity } from "./options.ts";
import { trustSystem } from "./roots.ts";
import { startNodeTls } from "./tls_node.ts";

/** What our connecting side says of itself and of whom it wants. */
export interface Client {
  /** Whom it talks to, for messages. */
  readonly peer: string;
  /** The name to ask for, and to find in the certificate. */
  readonly hostname: string;
  readonly alpn?: readonly string[];
  readonly clientCert?: Identity;
}

/** Which certificates are good. */
export type Trust =
  /** Any, without proof that the peer holds its key. */
  | "anything"
  /** Those that an authority of the system's, of Mozilla's or of these has issued. */
  | { readonly caCerts: readonly string[]; readonly anyName?: boolean };

/**
 * Starts TLS as a client on `tcp`, which is used up by it, or closed. Rejects as `shakeHands` does.
 */
export async function startClient(
  tcp: Deno.TcpConn,
  { peer, hostname, alpn, clientCert }: Client,
  trust: Trust,
): Promise<Deno.TlsConn> {
  trustSystem();
  try {
    if (trust === "anything") {
      const handshake = { hostname, alpn, clientCert, caCerts: [], verify: false };
      return await startNodeTls(tcp, handshake);
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
  } catch (error) {
    closeQuietly(tcp);
    if (error instanceof TypeError) throw new UsageError(`"${hostname}"`, "no name of a server");
    throw explain(peer, error);
  }
}

export interface HandshakeOptions {
  /** With whom, for messages. */
  readonly peer: string;
  /** Milliseconds it may take. */
  readonly timeout?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
  readonly log: Log;
}

/**
 * Waits until both sides have verified what they want verified; otherwise closes the connection.
 *
 * Rejects with a `TlsError`, a `TimeoutError`, or a `BrokenError` after a reset.
 */
export async function shakeHands(conn: Deno.TlsConn, options: HandshakeOptions): Promise<void> {
  const { peer, timeout, signal, log } = options;
  const close = () => closeQuietly(conn);
  const start = performance.now();
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  try {
    const { alpnProtocol } = await within(
      conn.handshake(),
      timeout,
      () => new TimeoutError("handshake", peer, `timed out after ${timeout} ms`),
    );
    if (log.enabled("debug")) await tell(conn, alpnProtocol, start, options);
  } catch (error) {
    close();
    throw explain(peer, error);
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already by the signal, or used up by a handshake that couldn't begin.
  }
}

/** A FIN in the middle of a handshake is no cut connection yet: there was none. */
function explain(peer: string, error: unknown): CoaxError {
  if ((error as Error).name !== "UnexpectedEof") return broken("handshake", peer, error);
  const reason = "the peer ended the connection in the handshake; does it speak TLS?";
  return new TlsError("handshake", peer, reason, { cause: error });
}

async function tell(
  conn: Deno.TlsConn,
  protocol: string | null,
  start: number,
  { peer, log }: HandshakeOptions,
): Promise<void> {
  const certificate = await certificateOf(conn);
  const took = `${(performance.now() - start).toFixed(1)} ms`;
  const facts = [
    protocol && `protocol ${protocol}`,
    certificate && `certificate for ${certificate.names || "no name"}, sha256:${certificate.pin}`,
  ].filter(Boolean);
  log.debug("handshake", [`TLS handshake with ${peer}: done in ${took}`, ...facts].join("; "), {
    address: peer,
    protocol: protocol ?? undefined,
    certificate: certificate?.names,
    pin: certificate && `sha256:${certificate.pin}`,
  });
}
